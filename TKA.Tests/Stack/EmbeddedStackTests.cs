using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Tests.EndToEnd;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Stack;

public sealed class EmbeddedStackTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_comes_up_says_where_everything_is_and_leaves_in_order()
    {
        await using var host = StackProcess.Start(null, "--ports", "auto");
        var env = await host.WaitForEnvAsync(Cancellation);

        Assert.Equal(
            [
                "TKA_SERVER", "TKA_ORCHESTRATOR", "TKA_API_HEALTH", "TKA_OPERATOR_HEALTH", "TKA_ORCHESTRATOR_HEALTH",
                "TKA_ADMIN_KUBECONFIG", "TKA_POLICY", "TKA_TAILSCALED_SOCKET", "DAPR_GRPC_ENDPOINT",
            ],
            env.Keys);
        using var http = new HttpClient();
        foreach (var service in (string[])["TKA_API_HEALTH", "TKA_OPERATOR_HEALTH", "TKA_ORCHESTRATOR_HEALTH"])
        {
            using var ready = await http.GetAsync(new Uri($"{env[service]}/readyz"), Cancellation);
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }

        Assert.All(["TKA_ADMIN_KUBECONFIG", "TKA_POLICY", "TKA_TAILSCALED_SOCKET"], key => Assert.True(File.Exists(env[key]), key));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(env["TKA_ADMIN_KUBECONFIG"]));
        }

        host.Terminate();
        Assert.Equal(0, await host.WaitForExitAsync(Cancellation));
        Assert.False(File.Exists(host.EnvFile));
        Assert.False(File.Exists(env["TKA_TAILSCALED_SOCKET"]));
        Assert.Contains("TKA is ready", host.Output, StringComparison.Ordinal);
        Assert.Equal("", host.Errors);
    }

    [Fact]
    public async Task The_caller_is_who_the_connection_says_whatever_the_headers_claim()
    {
        await using var host = StackProcess.Start(null, "--ports", "auto");
        var env = await host.WaitForEnvAsync(Cancellation);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{env["TKA_SERVER"]}/api/v1alpha1/access"));
        foreach (var header in (string[])["X-Forwarded-For", "X-Real-IP"])
        {
            request.Headers.Add(header, "127.0.0.6");
        }

        request.Headers.Add("Forwarded", "for=127.0.0.6");
        request.Headers.Add("Tailscale-User-Login", "dave@example.com");
        using var response = await http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("alice@example.com", body, StringComparison.Ordinal);
        Assert.DoesNotContain("dave@example.com", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_stacks_one_with_three_clusters_run_beside_each_other_but_not_in_one_directory()
    {
        await using var first = StackProcess.Start(null, "--ports", "auto");
        await first.WaitForEnvAsync(Cancellation);
        await using (var second = StackProcess.Start(null, "--ports", "auto", "--clusters", "3"))
        {
            var env = await second.WaitForEnvAsync(Cancellation);
            await AssertThreeClustersAsync(env);
        }

        await using var third = StackProcess.Start(first.Data, "--ports", "auto");
        Assert.Equal(1, await third.WaitForExitAsync(Cancellation));
        Assert.Equal($"error: Another stack uses {first.Data}. Stop it, or choose another directory with --data.\n", third.Errors);
        Assert.True(File.Exists(first.EnvFile));
    }

    [Fact]
    public async Task A_taken_port_is_one_clear_line_and_leaves_nothing_behind()
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        holder.Listen();
        var taken = ((IPEndPoint)holder.LocalEndPoint!).Port;
        var ports = string.Join(',', Enumerable.Range(0, 12).Select(i => i == 4 ? taken : 19_000 + i));

        await using var host = StackProcess.Start(null, "--ports", ports);
        Assert.Equal(1, await host.WaitForExitAsync(Cancellation));
        Assert.Equal(
            $"error: Port {taken} for the orchestrator's health is in use on 127.0.0.1. Stop what holds it, or choose free ports with --ports auto.\n",
            host.Errors);
        Assert.Equal("", host.Output);
        Assert.False(File.Exists(host.EnvFile));
    }

    [Theory]
    [InlineData("'--prots' is not an option. See --help.", "--prots", "auto")]
    [InlineData("--ports is default or auto, not 'some'.", "--ports", "some")]
    [InlineData("--cluster is embedded or kubeconfig, not 'kind'.", "--cluster=kind")]
    [InlineData("--tailnet needs embedded, host or host:SOCKET.", "--tailnet")]
    [InlineData("--tailnet is embedded, host or host:SOCKET, not 'host:'.", "--tailnet", "host:")]
    [InlineData("--clusters is a number from 1 to 9, not '0'.", "--clusters", "0")]
    [InlineData("--clusters needs embedded clusters on an embedded tailnet: leave --cluster and --tailnet out.", "--clusters", "2", "--tailnet", "host")]
    [InlineData("--demo takes no value.", "--demo=yes")]
    public async Task A_wrong_option_is_one_clear_line(string message, params string[] arguments)
    {
        await using var host = StackProcess.Start(null, arguments);
        Assert.Equal(2, await host.WaitForExitAsync(Cancellation));
        Assert.Equal($"error: {message}\n", host.Errors);
        Assert.Equal("", host.Output);
    }

    [Fact]
    public async Task Without_a_tailscaled_it_says_so_at_once()
    {
        await using var host = StackProcess.Start(null, "--ports", "auto", "--tailnet", "host:/nowhere/tailscaled.sock");
        Assert.Equal(1, await host.WaitForExitAsync(Cancellation));
        Assert.Equal(
            "error: No tailscaled answers on /nowhere/tailscaled.sock. Start it, or name its socket with --tailnet host:SOCKET.\n", host.Errors);
        Assert.Equal("", host.Output);
        Assert.False(File.Exists(host.EnvFile));
    }

    [Fact]
    public async Task With_a_tailscaled_in_userspace_mode_the_box_says_what_works_from_another_device()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var host = StackProcess.Start(null, "--ports", "auto", "--tailnet", $"host:{tailnet.SocketPath}");
        await host.WaitForOutputAsync("Ctrl+C stops", Cancellation);

        Assert.Contains($"Tailnet       {tailnet.SocketPath}", host.Output, StringComparison.Ordinal);
        Assert.Contains("tailscaled runs in userspace mode", host.Output, StringComparison.Ordinal);
        Assert.Contains("login --quiet --server http://", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("edit and save", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("kubectl get pods", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_commands_of_the_box_work_as_they_stand_in_a_fresh_terminal()
    {
        await using var host = StackProcess.Start(null, "--ports", "auto");
        await host.WaitForEnvAsync(Cancellation);
        await host.WaitForOutputAsync("Ctrl+C stops", Cancellation);

        var terminal = await FreshTerminal.TypeAsync(FreshTerminal.NextCommandsOf(host.Output), Cancellation);
        Assert.True(terminal.ExitCode == 0, terminal.Error);
        Assert.Contains("worker-0", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_policy_is_one_clear_line()
    {
        var data = Directory.CreateTempSubdirectory("tka-apphost-");
        await File.WriteAllTextAsync(Path.Combine(data.FullName, "policy.hujson"), "{ \"grants\": [", Cancellation);
        await using var host = StackProcess.Start(data.FullName, "--ports", "auto");
        Assert.Equal(1, await host.WaitForExitAsync(Cancellation));
        Assert.StartsWith("error: ", host.Errors, StringComparison.Ordinal);
        Assert.Contains("policy.hujson", host.Errors, StringComparison.Ordinal);
        Assert.Single(host.Errors.TrimEnd().Split('\n'));
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task The_demo_shows_the_loop()
    {
        await using var host = StackProcess.Start(null, "--ports", "auto", "--demo");
        await host.WaitForEnvAsync(Cancellation);
        await host.WaitForOutputAsync("Unauthorized", Cancellation);
        Assert.Contains("signed in as alice@example.com, role view", host.Output, StringComparison.Ordinal);
        Assert.Contains("worker-0", host.Output, StringComparison.Ordinal);
        Assert.Contains("Forbidden", host.Output, StringComparison.Ordinal);
        host.Terminate();
        Assert.Equal(0, await host.WaitForExitAsync(Cancellation));
    }

    /// <summary>All three are in the orchestrator's list, and each one's API signs alice in on its own cluster.</summary>
    private static async Task AssertThreeClustersAsync(IReadOnlyDictionary<string, string> env)
    {
        using var http = new HttpClient();
        IReadOnlyList<Cluster> listed = [];
        await Eventually.TrueAsync(
            async () => (listed = (await http.GetFromJsonAsync<ClusterList>(
                $"{env["TKA_ORCHESTRATOR"]}{ApiRoutes.Clusters}", Cancellation))!.Items).Count == 3,
            "three clusters are listed",
            TimeSpan.FromSeconds(60));
        Assert.Equal(["registered", "tailnet", "tailnet"], listed.Select(cluster => cluster.Source));
        string[] servers = [env["TKA_SERVER"], env["TKA_SERVER_2"], env["TKA_SERVER_3"]];
        Assert.Equal(["dev", "dev-2", "dev-3"], listed.Select(cluster => cluster.Name));
        Assert.Equal(servers, listed.Select(cluster => cluster.TkaEndpoint.TrimEnd('/')));
        Assert.Equal(3, listed.Select(cluster => cluster.ApiEndpoint).Distinct().Count());
        foreach (var server in servers[1..])
        {
            using var signedIn = await http.PostAsync($"{server}{ApiRoutes.Login}", null, Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, signedIn.StatusCode);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{server}{ApiRoutes.Kubeconfig}") { Headers = { { "Prefer", "wait=30" } } };
            using var kubeconfig = await http.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, kubeconfig.StatusCode);
        }

        var signins = await DevStack.KubectlAsync(env["TKA_ADMIN_KUBECONFIG_3"], "get", "tkasignins", "-A", "-o", "name");
        Assert.Contains("tka-user-alice", signins.Output, StringComparison.Ordinal);
        var elsewhere = await DevStack.KubectlAsync(env["TKA_ADMIN_KUBECONFIG"], "get", "tkasignins", "-A", "-o", "name");
        Assert.Equal("", elsewhere.Output);
    }
}
