using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Sessions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>The native binary and stock kubectl against the real server, operator and cluster.</summary>
public sealed class RealStackTests : IAsyncLifetime
{
    private readonly CliHome _home = new();
    // The stack lives ten minutes ago less a bit: a ten-minute token of it is reported as over a few seconds from now.
    private readonly MovableClock _clock = new() { Offset = TimeSpan.FromMinutes(-10) + TimeSpan.FromSeconds(64) };
    private TkaStack _stack = null!;

    public async ValueTask InitializeAsync()
    {
        _stack = await TkaStack.StartAsync(TestContext.Current.CancellationToken, new TkaStackOptions { Time = _clock });
        _home.Environment["TKA_SERVER"] = _stack.ApiUri.ToString();
        _home.Environment["TKA_DEV_SOURCE"] = "127.0.0.1";
    }

    public async ValueTask DisposeAsync()
    {
        await _stack.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task Login_kubectl_logout()
    {
        var login = await _home.RunAsync("login", "-o", "json");
        Assert.True(login.ExitCode == 0, login.ToString());
        _home.Environment["KUBECONFIG"] = login.Json.GetProperty("kubeconfig").GetString()!;

        Assert.Equal("system:serviceaccount:" + _stack.Installed.SessionsNamespace, (await KubectlAsync("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")).Output[..("system:serviceaccount:".Length + _stack.Installed.SessionsNamespace.Length)]);
        Assert.Equal(0, (await KubectlAsync("get", "pods", "-A")).ExitCode);
        var forbidden = await KubectlAsync("delete", "pod", "-n", "default", "nothing");
        Assert.Contains("Forbidden", forbidden.Error, StringComparison.OrdinalIgnoreCase);

        var kubeconfig = _home.Write("kept", File.ReadAllText(_home.Environment["KUBECONFIG"]));
        Assert.Equal(0, (await _home.RunAsync("logout")).ExitCode);
        _home.Environment["KUBECONFIG"] = kubeconfig;

        // Without rights at once. Whose token it was, a real API server remembers for some seconds more.
        Assert.NotEqual(0, (await KubectlAsync("get", "pods", "-A")).ExitCode);
        await Eventually.TrueAsync(
            async () => (await KubectlAsync("get", "pods", "-A")).Error.Contains("Unauthorized", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_carries_the_trace_of_the_run_that_made_it()
    {
        _home.Environment["TRACEPARENT"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

        Assert.Equal(0, (await _home.RunAsync("login")).ExitCode);

        // The operator's work carries on from there.
        var signins = _stack.Api.Services.GetRequiredService<IResourceCache<TkaSignin>>();
        var annotations = Assert.Single(signins.List()).Metadata.Annotations;
        Assert.StartsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-", annotations[TkaAnnotations.TraceParent], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_goes_through_an_expiry_and_a_renewal_with_no_token_in_its_file()
    {
        const string Mine = "# mine\napiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\ncurrent-context: \"\"\n";
        var file = _home.Write(".kube/config", Mine);

        var login = await _home.RunAsync("login", "--merge", "--use", "--auto-login", "--period", "10m");
        Assert.True(login.ExitCode == 0, login.ToString());
        Assert.DoesNotContain("token:", File.ReadAllText(file), StringComparison.Ordinal);

        var first = await KubectlAsync("get", "pods", "-A");
        Assert.True(first.ExitCode == 0, first.ToString());
        var cache = Assert.Single(Directory.GetFiles(_home.File(".cache/tka/tokens"), "*.json"));
        var firstToken = File.ReadAllText(cache);
        var expires = System.Text.Json.JsonDocument.Parse(firstToken).RootElement.GetProperty("expires").GetDateTimeOffset();
        Assert.InRange(expires - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(-1), TimeSpan.FromSeconds(5));

        // Expiry: by the clock of this machine the token is over, and kubectl is given another.
        await Eventually.TrueAsync(() => TimeProvider.System.GetUtcNow() > expires);
        Assert.Equal(0, (await KubectlAsync("get", "pods", "-A")).ExitCode);
        Assert.NotEqual(firstToken, File.ReadAllText(cache));

        // End of the session: kubectl is refused, comes back, and the plugin signs in again.
        _clock.Offset += TimeSpan.FromMinutes(20);
        var renewed = await KubectlAsync("get", "pods", "-A");
        Assert.True(renewed.ExitCode == 0, renewed.ToString());

        Assert.Equal(0, (await _home.RunAsync("logout")).ExitCode);
        Assert.Equal(Mine, File.ReadAllText(file));
    }

    [Fact]
    public async Task A_token_the_cluster_refuses_is_not_served_twice()
    {
        _home.Write(".kube/config", "");
        await _home.RunAsync("login", "--merge", "--use");
        Assert.Equal(0, (await KubectlAsync("get", "pods", "-A")).ExitCode);

        // Signed out and in elsewhere: the cached token belongs to a ServiceAccount that is gone.
        using var elsewhere = new CliHome();
        elsewhere.Environment["TKA_SERVER"] = _stack.ApiUri.ToString();
        elsewhere.Environment["TKA_DEV_SOURCE"] = "127.0.0.1";
        Assert.Equal(0, (await elsewhere.RunAsync("logout")).ExitCode);
        Assert.Equal(0, (await elsewhere.RunAsync("login")).ExitCode);
        var cache = Assert.Single(Directory.GetFiles(_home.File(".cache/tka/tokens"), "*.json"));
        File.WriteAllText(cache, File.ReadAllText(cache).Replace("\"issued\":\"2", "\"issued\":\"1", StringComparison.Ordinal));

        var result = await KubectlAsync("get", "pods", "-A");

        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Theory]
    [InlineData("127.0.0.3", 4)]
    [InlineData("127.0.0.4", 4)]
    public async Task Who_has_no_grant_or_is_nobody_is_refused_and_told_what_to_do(string source, int code)
    {
        _home.Environment["TKA_DEV_SOURCE"] = source;

        var result = await _home.RunAsync("login");

        Assert.True(result.ExitCode == code, result.ToString());
        Assert.Contains("->", result.Error, StringComparison.Ordinal);
        Assert.Equal(code, (await _home.RunAsync("doctor", "-o", "json")).ExitCode);
    }

    [Fact]
    public async Task Every_other_command_speaks_with_the_real_server()
    {
        foreach (var command in (string[])["login", "status", "access", "kubeconfig", "cluster-info", "version", "doctor", "reauthenticate", "exec -- kubectl auth whoami"])
        {
            var result = await _home.RunAsync(command.Split(' '));
            Assert.True(result.ExitCode == 0, $"{command}: {result}");
        }

        // The command borrowed the login's session, so it is still there.
        Assert.Equal(0, (await _home.RunAsync("status")).ExitCode);
        Assert.Equal(4, (await _home.RunAsync("sessions")).ExitCode);
        _home.Environment["TKA_DEV_SOURCE"] = "127.0.0.6";
        var sessions = await _home.RunAsync("sessions", "-o", "json");
        Assert.True(sessions.ExitCode == 0, sessions.ToString());
        var name = sessions.Json.GetProperty("items")[0].GetProperty("name").GetString()!;
        var ended = await _home.RunAsync("sessions", "end", name);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        _home.Environment["TKA_DEV_SOURCE"] = "127.0.0.1";
        Assert.Equal(3, (await _home.RunAsync("status")).ExitCode);
    }

    private Task<CliResult> KubectlAsync(params string[] args) => _home.RunProgramAsync("kubectl", args);

    /// <summary>The system's clock, moved.</summary>
    private sealed class MovableClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
    }
}
