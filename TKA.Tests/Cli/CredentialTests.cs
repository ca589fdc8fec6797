using System.Diagnostics;
using System.Globalization;
using TKA.Cli.Sessions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>The exec credential plugin, called as client-go calls it.</summary>
public sealed class CredentialTests : IAsyncLifetime
{
    private const string V1 = """{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}""";

    private readonly CliHome _home = new();
    private FakeTkaServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        _home.Environment["KUBERNETES_EXEC_INFO"] = V1;
        _server.Session = _server.MakeSession();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _home.Dispose();
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1beta1")]
    public async Task Answers_in_the_version_asked_for_and_a_minute_early(string version)
    {
        _home.Environment["KUBERNETES_EXEC_INFO"] = V1.Replace("io/v1", "io/" + version, StringComparison.Ordinal);
        var before = TimeProvider.System.GetUtcNow();

        var result = await CredentialAsync();

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("", result.Error);
        Assert.Equal("client.authentication.k8s.io/" + version, result.Json.GetProperty("apiVersion").GetString());
        Assert.Equal("ExecCredential", result.Json.GetProperty("kind").GetString());
        Assert.Equal("token-1", result.Json.GetProperty("status").GetProperty("token").GetString());
        var expires = DateTimeOffset.Parse(result.Json.GetProperty("status").GetProperty("expirationTimestamp").GetString()!, CultureInfo.InvariantCulture);
        Assert.InRange(expires, before.AddMinutes(59).AddSeconds(-2), TimeProvider.System.GetUtcNow().AddMinutes(59));
    }

    [Fact]
    public async Task A_version_it_does_not_speak_is_one_line_on_standard_error()
    {
        _home.Environment["KUBERNETES_EXEC_INFO"] = V1.Replace("io/v1", "io/v9", StringComparison.Ordinal);

        var result = await CredentialAsync();

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_warm_cache_needs_no_server_and_is_private()
    {
        var first = await CredentialAsync();
        await _server.DisposeAsync();
        var second = await CredentialAsync();

        Assert.Equal(0, second.ExitCode);
        Assert.Equal(first.Output, second.Output);
        var directory = _home.File(".cache/tka/tokens");
        Assert.Equal("700", CliHome.Mode(directory));
        Assert.All(Directory.GetFiles(directory, "*.json"), file => Assert.Equal("600", CliHome.Mode(file)));
    }

    [Fact]
    public async Task Of_many_calls_at_once_one_asks_the_server()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => CredentialAsync()));

        Assert.All(results, result => Assert.Equal(results[0].Output, result.Output));
        Assert.Equal(0, results[0].ExitCode);
        Assert.Equal(1, _server.TokensIssued);
    }

    [Fact]
    public async Task Who_waits_while_the_server_cannot_be_reached_fails_with_the_first()
    {
        var release = new TaskCompletionSource();
        _server.Intercept = async http =>
        {
            await release.Task;
            http.Abort();
            return true;
        };
        var first = CredentialAsync();
        await Eventually.TrueAsync(() => _server.Requests.Count == 1);
        using var second = _home.Start(CliBinary.Path, ["credential", "--server", _server.Url.ToString()]);

        // It has begun to wait when it sleeps again and again beside the lock.
        await Eventually.TrueAsync(() => VoluntarySwitches(second.Id) > 60);
        release.SetResult();

        Assert.Equal(5, (await first).ExitCode);
        await second.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(5, second.ExitCode);
        Assert.Equal((await first).Error, await second.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Single(_server.Requests);

        // Whoever comes later tries for himself.
        Assert.Equal(5, (await CredentialAsync()).ExitCode);
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task A_token_that_is_over_is_replaced()
    {
        _server.TokenLifetime = TimeSpan.FromSeconds(61);
        var first = await CredentialAsync();
        var expires = first.Json.GetProperty("status").GetProperty("expirationTimestamp").GetDateTimeOffset();
        await Eventually.TrueAsync(() => TimeProvider.System.GetUtcNow() > expires);

        var second = await CredentialAsync();

        Assert.Equal("token-2", second.Json.GetProperty("status").GetProperty("token").GetString());
    }

    [Fact]
    public async Task A_process_that_asks_again_is_given_the_token_it_has_while_nothing_speaks_against_it()
    {
        // The Python client asks for each of its clients. One shell is the caller of all.
        var result = await _home.RunProgramAsync("/bin/sh", ["-c", $"{Command} && {Aged} && {Command} && {Command} && {Command}"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(4, result.Output.Split("token-1").Length - 1);

        // Without a server nothing speaks against it either.
        await _server.DisposeAsync();
        var away = await _home.RunProgramAsync("/bin/sh", ["-c", $"{Command} && {Command} && {Command}"]);
        Assert.True(away.ExitCode == 0, away.ToString());
        Assert.Equal(3, away.Output.Split("token-1").Length - 1);
    }

    [Fact]
    public async Task A_process_that_asks_again_after_the_session_changed_gets_a_new_token()
    {
        using var shell = _home.Start("/bin/sh", ["-c", $"{Command} && {Aged}; echo; read line; {Command}"]);
        Assert.Contains("token-1", await shell.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        _server.Session = _server.MakeSession(period: TimeSpan.FromHours(3));
        await shell.StandardInput.WriteLineAsync();

        Assert.Contains("token-2", await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // Another process takes the new one from the cache.
        Assert.Contains("token-2", (await CredentialAsync()).Output, StringComparison.Ordinal);
        Assert.Equal(2, _server.TokensIssued);
    }

    [Theory]
    [InlineData(401, "token-2")]
    [InlineData(403, "token-1")]
    [InlineData(500, "token-1")]
    public async Task The_cluster_is_asked_whether_it_refuses_the_token(int status, string expected)
    {
        await using var cluster = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        var bearer = "";
        cluster.Intercept = http =>
        {
            bearer = http.Request.Headers.Authorization.ToString();
            http.Response.StatusCode = status;
            return Task.FromResult(true);
        };
        _home.Environment["KUBERNETES_EXEC_INFO"] = V1.Replace("\"interactive\":false", $"\"interactive\":false,\"cluster\":{{\"server\":\"{cluster.Url}\"}}", StringComparison.Ordinal);

        var result = await _home.RunProgramAsync("/bin/sh", ["-c", $"{Command} >/dev/null && {Aged} && {Command}"]);

        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
        Assert.Equal("Bearer token-1", bearer);
    }

    [Fact]
    public async Task Without_a_place_for_a_cache_each_call_asks_the_server()
    {
        _home.Write("blocked", "a file where directories should be");
        _home.Environment["XDG_CACHE_HOME"] = _home.File("blocked");

        Assert.Contains("token-1", (await CredentialAsync()).Output, StringComparison.Ordinal);
        Assert.Contains("token-2", (await CredentialAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_asks_each_time_was_not_refused()
    {
        // Not client-go, which sets the variable and keeps the token: the cache serves it as often as it likes.
        _home.Environment.Remove("KUBERNETES_EXEC_INFO");
        var script = $"{Command} && {Aged} && {Command}";

        var result = await _home.RunProgramAsync("/bin/sh", ["-c", script]);

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("token-2", result.Output, StringComparison.Ordinal);
        Assert.Equal(1, _server.TokensIssued);
    }

    [Fact]
    public async Task Who_was_served_is_remembered_in_a_short_file()
    {
        await CredentialAsync();
        var served = Path.ChangeExtension(Assert.Single(Directory.GetFiles(_home.File(".cache/tka/tokens"), "*.json")), ".served");
        File.WriteAllText(served, string.Concat(Enumerable.Repeat("0123456789abcdef 12345:6789012\n", 3000)));

        await CredentialAsync();

        Assert.InRange(new FileInfo(served).Length, 1, 100);
    }

    [Fact]
    public void A_process_is_told_from_a_later_one_on_every_system()
    {
        using var self = Process.GetCurrentProcess();
        using var child = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read line"]) { RedirectStandardInput = true })!;
        var started = ProcessIdentity.StartFromSystem(child.Id);

        Assert.NotNull(started);
        Assert.Equal(started, ProcessIdentity.StartFromSystem(child.Id));
        Assert.NotEqual(started, ProcessIdentity.StartFromSystem(self.Id));
        Assert.NotNull(ProcessIdentity.StartOf(child.Id));
        Assert.Matches("^[0-9]+:[0-9]+$", ProcessIdentity.Parent());
        child.StandardInput.Close();
        child.WaitForExit();
        Assert.Null(ProcessIdentity.StartFromSystem(child.Id));
        Assert.Null(ProcessIdentity.StartOf(child.Id));
    }

    [Fact]
    public async Task Not_signed_in_is_one_line_that_says_what_to_do()
    {
        _server.Session = null;

        var result = await CredentialAsync();

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Equal($"tka: You are not signed in at {_server.Url.Authority}. Sign in with: tka login\n", result.Error);
        Assert.DoesNotContain(_server.Requests, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_signs_in_again_when_allowed_to()
    {
        var result = await CredentialAsync("--auto-login", "--role", "edit", "--period", "30m");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("""{"period":"30m","role":"edit"}""", Assert.Single(_server.LoginBodies));
        Assert.Equal("edit", Assert.Single(_server.Beside).Key);
    }

    [Fact]
    public async Task Login_and_logout_drop_the_cache()
    {
        await CredentialAsync();
        await _home.RunAsync("logout", "-s", _server.Url.ToString());
        Assert.Equal(3, (await CredentialAsync()).ExitCode);

        await _home.RunAsync("login", "-s", _server.Url.ToString());
        Assert.Contains("token-3", (await CredentialAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_cache_is_replaced()
    {
        await CredentialAsync();
        File.WriteAllText(Assert.Single(Directory.GetFiles(_home.File(".cache/tka/tokens"), "*.json")), "{\"token\":");

        Assert.Contains("token-2", (await CredentialAsync()).Output, StringComparison.Ordinal);
    }

    // The main thread sleeps in a wait; the timer's thread is the one that goes on.
    private static int VoluntarySwitches(int process) => Directory.GetDirectories($"/proc/{process}/task")
        .Select(task => File.ReadLines(Path.Combine(task, "status")).First(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal)))
        .Sum(line => int.Parse(line.Split(':')[1], CultureInfo.InvariantCulture));

    // The token is made to look fetched a while ago.
    private const string Aged = "sed -i 's/\"issued\":\"20../\"issued\":\"2000/' ~/.cache/tka/tokens/*.json";

    private string Command => $"{CliBinary.Path} credential --server {_server.Url}";

    private Task<CliResult> CredentialAsync(params string[] more) => _home.RunAsync(["credential", "--server", _server.Url.ToString(), .. more]);
}
