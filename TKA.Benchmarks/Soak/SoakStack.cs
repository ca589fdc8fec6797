using System.Text;
using k8s;
using TKA.Benchmarks.Api;
using TKA.Contracts.Operator;
using TKA.DevEnvironment.Dapr;
using TKA.DevEnvironment.Tailnet;

namespace TKA.Benchmarks.Soak;

/// <summary>Cluster, operator and API in processes of their own, tailnet and Dapr in this one, and a <see cref="FaultyLink"/> wherever one asks another.</summary>
internal sealed class SoakStack : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-soak-").FullName;
    private readonly InstalledCluster _installed;
    private EmbeddedTailnet? _tailnet;
    private EmbeddedDapr? _dapr;

    private SoakStack(InstalledCluster installed) => _installed = installed;

    public IKubernetes Admin => _installed.Admin;

    public Component Operator { get; private set; } = null!;

    public Component Api { get; private set; } = null!;

    /// <summary>The ways from operator to cluster, API to cluster, API to operator, operator to Dapr.</summary>
    public IReadOnlyList<FaultyLink> Links { get; private set; } = [];

    /// <summary>Address of the state store, without a link before it.</summary>
    public Uri Dapr => _dapr!.GrpcEndpoint;

    /// <summary>Starts everything.</summary>
    /// <param name="people">How many people there are.</param>
    /// <param name="period">How long their sessions last, as a Go duration.</param>
    public static async Task<SoakStack> StartAsync(int people, string period)
    {
        var stack = new SoakStack(await InstalledCluster.StartAsync(InstalledCluster.RealKubeconfig));
        try
        {
            await stack.StartDependenciesAsync(people, period);
            await stack.StartComponentsAsync();
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the API and starts it again.</summary>
    public async Task RestartApiAsync()
    {
        await Api.KillAsync();
        await Api.StartAsync();
    }

    /// <summary>Kills the operator and starts it again.</summary>
    public async Task RestartOperatorAsync()
    {
        await Operator.KillAsync();
        await Operator.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await (Api?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Operator?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var link in Links)
        {
            link.Dispose();
        }

        await (_tailnet?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_dapr?.DisposeAsync() ?? ValueTask.CompletedTask);
        _installed.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartDependenciesAsync(int people, string period)
    {
        var policy = Path.Combine(_directory, "policy.hujson");
        await File.WriteAllTextAsync(policy, Devices.Policy(people, period));
        _tailnet = await EmbeddedTailnet.StartAsync(new EmbeddedTailnetOptions { SocketPath = Path.Combine(_directory, "tailscaled.sock"), PolicyPath = policy });
        _dapr = await EmbeddedDapr.StartAsync(new EmbeddedDaprOptions { DataDirectory = Path.Combine(_directory, "dapr") });
    }

    private async Task StartComponentsAsync()
    {
        var operatorToCluster = new FaultyLink("operator to cluster", _installed.Uri);
        var apiToCluster = new FaultyLink("API to cluster", _installed.Uri);
        var operatorToDapr = new FaultyLink("operator to Dapr", Dapr);
        Links = [operatorToCluster, apiToCluster, operatorToDapr];
        Operator = await Component.StartAsync(ComponentHost.Operator, _directory, new()
        {
            ["kubernetes:kubeconfig"] = await KubeconfigAsync("tka-operator", operatorToCluster.Uri),
            ["operator:tokenService:address"] = "127.0.0.1",
            ["operator:tokenService:port"] = "0",
            ["DAPR_GRPC_ENDPOINT"] = operatorToDapr.Uri.ToString(),
            ["management:address"] = "127.0.0.1",
            ["management:port"] = "0",
        });
        var apiToOperator = new FaultyLink("API to operator", Operator.Uri);
        Links = [.. Links, apiToOperator];
        var ca = await _installed.Admin.CoreV1.ReadNamespacedConfigMapAsync("tka-operator-ca", "tka-system");
        Api = await Component.StartAsync(ComponentHost.Api, _directory, new()
        {
            ["tailscale:socket"] = _tailnet!.SocketPath,
            ["tailscale:port"] = "0",
            ["kubernetes:kubeconfig"] = await KubeconfigAsync("tka-api", apiToCluster.Uri),
            ["operator:tokenService:url"] = apiToOperator.Uri.ToString(),
            ["operator:tokenService:caFile"] = Write("ca.crt", ca.Data["ca.crt"]),
            ["operator:tokenService:tokenFile"] = Write("api-token", await _installed.TokenAsync("tka-api", [OperatorRoutes.Audience])),
            ["clusterInfo:apiEndpoint"] = _installed.Uri.ToString(),
            ["clusterInfo:caData"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(_installed.CaPem)),
            ["management:address"] = "127.0.0.1",
            ["management:port"] = "0",
        });
    }

    private async Task<string> KubeconfigAsync(string serviceAccount, Uri server) =>
        Write($"{serviceAccount}.kubeconfig", await _installed.KubeconfigAsync(serviceAccount, server));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
