using Microsoft.Extensions.Configuration;
using TKA.Api;
using TKA.Api.Configuration;
using TKA.Operator;
using TKA.Operator.Configuration;
using TKA.Orchestrator;
using TKA.Orchestrator.Configuration;
using TKA.ServiceDefaults.Configuration;
using Xunit;

namespace TKA.Tests.ServiceDefaults.Configuration;

/// <summary>A configuration that cannot be used: one line for each mistake, and an exit code.</summary>
public sealed class ServiceProgramTests : IDisposable
{
    private readonly string _kubeconfig = Path.GetTempFileName();

    public ServiceProgramTests() => File.WriteAllText(_kubeconfig, """
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
    [InlineData("server.address is \"0.0.0.0\"", "--api-endpoint", "https://x", "--server.address", "0.0.0.0")]
    [InlineData("server.address is \"::\"", "--api-endpoint", "https://x", "--server.address", "::")]
    [InlineData("server.address is \"192.168.1.1\"", "--api-endpoint", "https://x", "--server.address", "192.168.1.1")]
    [InlineData("api.maxPeriod is 5m0s", "--api-endpoint", "https://x", "--api.maxPeriod", "5m")]
    [InlineData("operator.tokenService.url is \"http://x/\"", "--api-endpoint", "https://x", "--operator.tokenService.url", "http://x/")]
    [InlineData("Keep one of the two", "--api-endpoint", "https://x", "--clusterInfo.configMapRef.enabled", "--clusterInfo.configMapRef.name", "a", "--clusterInfo.configMapRef.namespace", "b")]
    [InlineData("clusterInfo.configMapRef.name is empty", "--clusterInfo.configMapRef.enabled")]
    [InlineData("orchestrator.sourceAddress is \"x\"", "--api-endpoint", "https://x", "--orchestrator.sourceAddress", "x")]
    [InlineData("tailscale.port is \"x\"", "--port", "x")]
    public async Task Names_what_is_wrong_and_ends_with_2(string expected, params string[] args)
    {
        var (code, output, errors) = await RunAsync([.. args, "--kubernetes.kubeconfig", _kubeconfig, "--management.port", "0"]);

        Assert.Equal(2, code);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public async Task A_missing_kubeconfig_is_named()
    {
        var (code, _, errors) = await RunAsync("--api-endpoint", "https://x", "--kubernetes.kubeconfig", "/nowhere", "--management.port", "0");

        Assert.Equal(2, code);
        Assert.Contains("kubernetes.kubeconfig is \"/nowhere\"", errors, StringComparison.Ordinal);
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
    public void No_service_watches_the_folders_below_its_working_directory()
    {
        foreach (var service in new[] { ApiSettings.Service, OperatorSettings.Service, OrchestratorSettings.Service })
        {
            FileConfigurationSource[] files = [];
            service.CreateBuilder([], builder => files = [.. ((IConfigurationBuilder)builder.Configuration).Sources.OfType<FileConfigurationSource>()]);
            Assert.NotEmpty(files);
            Assert.DoesNotContain(files, file => file.ReloadOnChange);
        }
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

    [Theory]
    [InlineData("TKA.Api", "management.port is \"abc\", which is not a port.", "--management.port=abc")]
    [InlineData("TKA.Operator", "management.port is \"abc\", which is not a port.", "--management:port=abc")]
    [InlineData("TKA.Orchestrator", "management.port is \"abc\", which is not a port.", "--management:port=abc")]
    [InlineData("TKA.Operator", "management.address is \"here\"", "--management:address=here")]
    [InlineData("TKA.Operator", "operator.drainTimeout is \"ten\", which is not a duration", "--operator:drainTimeout=ten")]
    [InlineData("TKA.Operator", "operator.leaderElection is \"yes\"", "--operator:leaderElection=yes")]
    [InlineData("TKA.Operator", "operator.workers is 0. Write a number from 1 to 100.", "--operator:workers=0")]
    [InlineData("TKA.Operator", "Did you mean --operator.workers?", "--operator:workrs=3")]
    [InlineData("TKA.Operator", "/nowhere/x.yaml, which is not a file", "--config=/nowhere/x.yaml")]
    [InlineData("TKA.Orchestrator", "Did you mean --orchestrator.heartbeat?", "--orchestrator:heartbeet=3s")]
    [InlineData("TKA.Orchestrator", "orchestrator.heartbeat is \"soon\"", "--orchestrator:heartbeat=soon")]
    [InlineData("TKA.Orchestrator", "orchestrator.heartbeat is 10ms. Write a duration from 1s to 1h0m0s.", "--orchestrator:heartbeat=10ms")]
    [InlineData("TKA.Orchestrator", "orchestrator.lifetime is 1m0s", "--orchestrator:lifetime=1m")]
    [InlineData("TKA.Orchestrator", "orchestrator.clusterTag is \"tka\", which is no tag", "--orchestrator:clusterTag=tka")]
    [InlineData("TKA.Orchestrator", "dapr.timeout is 0s. Write a duration over 0s, up to 1m.", "--dapr:timeout=0s")]
    [InlineData("TKA.Orchestrator", "dapr.stateStore is empty", "--dapr:stateStore=")]
    [InlineData("TKA.Orchestrator", "server.address is \"0.0.0.0\"", "--server:address=0.0.0.0")]
    [InlineData("TKA.Orchestrator", "server.port is \"99999\"", "--server:port=99999")]
    [InlineData("TKA.Orchestrator", "tailscale.capName is \"tka\"", "--tailscale:capName=tka")]
    [InlineData("TKA.Orchestrator", "tailscale.whoIsCache is 1h0m0s", "--tailscale:whoIsCache=1h")]
    public async Task A_wrong_value_is_one_line_with_key_value_and_advice(string service, string expected, string argument)
    {
        var (code, output, errors) = await RunServiceAsync(service, argument);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TKA.Api")]
    [InlineData("TKA.Operator")]
    [InlineData("TKA.Orchestrator")]
    public async Task Help_and_version_need_neither_a_cluster_nor_a_file(string service)
    {
        var (code, help, errors) = await RunServiceAsync(service, "--help", "--config", "/nowhere");
        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith($"{service}: ", help, StringComparison.Ordinal);

        (code, var version, errors) = await RunServiceAsync(service, "--version");
        Assert.Equal((0, ""), (code, errors));
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\s*$", version);
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(params string[] args) => RunServiceAsync("TKA.Api", args);

    private static async Task<(int Code, string Output, string Errors)> RunServiceAsync(string service, params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = service switch
        {
            "TKA.Api" => await ServiceProgram.RunAsync(ApiSettings.Service, args, arguments => ApiApplication.Create(arguments), output, errors),
            "TKA.Operator" => await ServiceProgram.RunAsync(OperatorSettings.Service, args, arguments => OperatorApplication.Create(arguments), output, errors),
            _ => await ServiceProgram.RunAsync(OrchestratorSettings.Service, args, arguments => OrchestratorApplication.Create(arguments), output, errors),
        };
        return (code, output.ToString(), errors.ToString());
    }
}
