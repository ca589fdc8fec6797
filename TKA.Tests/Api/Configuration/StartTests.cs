using TKA.Api.Hosting;
using Xunit;

namespace TKA.Tests.Api.Configuration;

/// <summary>A configuration that cannot be used: one line for each mistake, and an exit code.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string _kubeconfig = Path.GetTempFileName();

    public StartTests() => File.WriteAllText(_kubeconfig, """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", insecure-skip-tls-verify: true}}]
        users: [{name: u, user: {token: x}}]
        contexts: [{name: c, context: {cluster: c, user: u}}]
        current-context: c
        """);

    public void Dispose() => File.Delete(_kubeconfig);

    [Theory]
    [InlineData("clusterInfo.apiEndpoint is empty", "--debug")]
    [InlineData("server:address 0.0.0.0", "--api-endpoint", "https://x", "--server.address", "0.0.0.0")]
    [InlineData("server:address ::", "--api-endpoint", "https://x", "--server.address", "::")]
    [InlineData("server:address 192.168.1.1", "--api-endpoint", "https://x", "--server.address", "192.168.1.1")]
    [InlineData("api.maxPeriod is 5m0s", "--api-endpoint", "https://x", "--api.maxPeriod", "5m")]
    [InlineData("operator.tokenService.url is \"http://x/\"", "--api-endpoint", "https://x", "--operator.tokenService.url", "http://x/")]
    [InlineData("Keep one of the two", "--api-endpoint", "https://x", "--clusterInfo.configMapRef.enabled", "--clusterInfo.configMapRef.name", "a", "--clusterInfo.configMapRef.namespace", "b")]
    [InlineData("clusterInfo.configMapRef.name is empty", "--clusterInfo.configMapRef.enabled")]
    [InlineData("orchestrator.sourceAddress is \"x\"", "--api-endpoint", "https://x", "--orchestrator.sourceAddress", "x")]
    [InlineData("tailscale.port is \"x\"", "--port", "x")]
    public async Task Names_what_is_wrong_and_ends_with_1(string expected, params string[] args)
    {
        var (code, output, errors) = await RunAsync([.. args, "--kubernetes.kubeconfig", _kubeconfig, "--management.port", "0"]);

        Assert.Equal(1, code);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public async Task A_missing_kubeconfig_is_named()
    {
        var (code, _, errors) = await RunAsync("--api-endpoint", "https://x", "--kubernetes.kubeconfig", "/nowhere", "--management.port", "0");

        Assert.Equal(1, code);
        Assert.Contains("kubernetes:kubeconfig", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_option_ends_with_2()
    {
        var (code, _, errors) = await RunAsync("--nonsense");

        Assert.Equal(2, code);
        Assert.Contains("--nonsense", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Help_is_no_error(string option)
    {
        var (code, output, errors) = await RunAsync(option);

        Assert.Equal(0, code);
        Assert.Contains("--clusterInfo.apiEndpoint, --api-endpoint", output, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_taken_port_is_one_clear_line()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        var (code, _, errors) = await RunAsync("--api-endpoint", "https://x", "--port", port, "--kubernetes.kubeconfig", _kubeconfig, "--management.port", "0");

        Assert.Equal(1, code);
        Assert.Contains(port, Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        return (await ApiProgram.RunAsync(args, output, errors), output.ToString(), errors.ToString());
    }
}
