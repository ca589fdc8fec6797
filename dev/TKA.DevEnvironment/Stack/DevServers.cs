using TKA.DevEnvironment.Dapr;
using TKA.DevEnvironment.Tailnet;

namespace TKA.DevEnvironment.Stack;

/// <summary>What a laptop lacks: Kubernetes API, tailnet and Dapr state, started together, with TKA installed in the cluster.</summary>
internal sealed class DevServers : IAsyncDisposable
{
    private readonly EmbeddedTailnet? _tailnet;
    private readonly EmbeddedDapr _dapr;
    private readonly IStackCluster _cluster;

    private DevServers(EmbeddedTailnet? tailnet, EmbeddedDapr dapr, IStackCluster cluster) =>
        (_tailnet, _dapr, _cluster) = (tailnet, dapr, cluster);

    /// <summary>The Kubernetes API as users reach it.</summary>
    public Uri ClusterUrl => _cluster.Url;

    /// <summary>Its CA, PEM.</summary>
    public string ClusterCaPem => _cluster.CaPem;

    /// <summary>Starts the servers of every cluster. The first one's come first, because they write the policy file that all read.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public static async Task<IReadOnlyList<DevServers>> StartAllAsync(DevServersOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var first = StartAsync(options, cancellationToken);
        await first;
        Task<DevServers>[] all =
        [
            first, .. Enumerable.Range(2, options.Clusters - 1).Select(number => StartAsync(options with { Cluster = number }, cancellationToken)),
        ];
        try
        {
            return await Task.WhenAll(all);
        }
        catch
        {
            foreach (var one in all)
            {
                await DisposeStartedAsync(one);
            }

            throw;
        }
    }

    /// <summary>Starts the servers of one cluster and installs TKA. When one fails, those already started are stopped again.</summary>
    /// <exception cref="StackException">The user can do something about it.</exception>
    /// <exception cref="InvalidDataException">The policy file is broken; the message says where.</exception>
    /// <exception cref="IOException">A port or file cannot be used.</exception>
    public static async Task<DevServers> StartAsync(DevServersOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var tailnet = Task.Run(() => StartTailnetAsync(options, cancellationToken), cancellationToken);
        var dapr = Task.Run(() => StartDaprAsync(options, cancellationToken), cancellationToken);
        var cluster = Task.Run(() => StartClusterAsync(options, cancellationToken), cancellationToken);
        try
        {
            await Task.WhenAll(cluster, tailnet, dapr);
            return new DevServers(await tailnet, await dapr, await cluster);
        }
        catch
        {
            await DisposeStartedAsync(tailnet);
            await DisposeStartedAsync(dapr);
            await DisposeStartedAsync(cluster);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _dapr.DisposeAsync();
        if (_tailnet is not null)
        {
            await _tailnet.DisposeAsync();
        }
    }

    private static async Task<EmbeddedTailnet?> StartTailnetAsync(DevServersOptions options, CancellationToken cancellationToken) =>
        options.HostTailnet ? null : await EmbeddedTailnet.StartAsync(
            new EmbeddedTailnetOptions
            {
                SocketPath = options.Files.OfCluster(options.Cluster).TailscaledSocket,
                PolicyPath = options.Files.Policy,
                Nodes = Enumerable.Range(2, options.Clusters - 1).ToDictionary(StackAddresses.TailnetNodeOf, number => $"tka-{number}"),
                SelfAddress = options.Cluster == 1 ? null : StackAddresses.TailnetNodeOf(options.Cluster),
                LoggerFactory = options.LoggerFactory,
            },
            cancellationToken);

    private static Task<EmbeddedDapr> StartDaprAsync(DevServersOptions options, CancellationToken cancellationToken) =>
        EmbeddedDapr.StartAsync(
            new EmbeddedDaprOptions
            {
                DataDirectory = options.Files.OfCluster(options.Cluster).Directory,
                Address = StackAddresses.LoopbackOf(options.Cluster),
                GrpcPort = options.Ports.Dapr,
                ConfigureGrpc = grpc => grpc.Interceptors.Add<DaprPause.HoldBack>(options.DaprPause),
                LoggerFactory = options.LoggerFactory,
            },
            cancellationToken);

    private static async Task<IStackCluster> StartClusterAsync(DevServersOptions options, CancellationToken cancellationToken)
    {
        IStackCluster cluster = options.HostCluster
            ? await KubeconfigCluster.OpenAsync(new Kubectl(), options.Upkeep, cancellationToken)
            : await EmbeddedStackCluster.StartAsync(options, cancellationToken);
        try
        {
            await cluster.InstallAsync(cancellationToken);
            var files = options.Files.OfCluster(options.Cluster);
            await cluster.MountAsync(files, cancellationToken);
            PrivateFile.Write(files.ClusterUrl, cluster.Url.ToString());
            PrivateFile.Write(files.ClusterCa, cluster.CaPem);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private static async Task DisposeStartedAsync<T>(Task<T> starting)
        where T : IAsyncDisposable?
    {
        await ((Task)starting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (starting.IsCompletedSuccessfully && await starting is { } started)
        {
            await started.DisposeAsync();
        }
    }
}
