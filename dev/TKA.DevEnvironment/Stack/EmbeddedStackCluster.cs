using TKA.DevEnvironment.Cluster;

namespace TKA.DevEnvironment.Stack;

/// <summary>A cluster in this process, with sample objects.</summary>
internal sealed class EmbeddedStackCluster : IStackCluster
{
    private readonly EmbeddedCluster _cluster;
    private readonly AdminClient _admin;
    private readonly Upkeep _upkeep;
    private PodMounts? _mounts;

    private EmbeddedStackCluster(EmbeddedCluster cluster, Upkeep upkeep)
    {
        _cluster = cluster;
        _upkeep = upkeep;
        _admin = new AdminClient(cluster.Uri, cluster.CaPem, cluster.AdminToken);
    }

    public Uri Url => _cluster.Uri;

    public string CaPem => _cluster.CaPem;

    public static async Task<EmbeddedStackCluster> StartAsync(DevServersOptions options, CancellationToken cancellationToken) =>
        new(await EmbeddedCluster.StartAsync(
            new EmbeddedClusterOptions
            {
                Address = StackAddresses.LoopbackOf(options.Cluster),
                Port = options.Ports.Kubernetes,
                ConfigureLogging = logging => logging.Services.AddSingleton(options.LoggerFactory),
            },
            cancellationToken), options.Upkeep);

    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        foreach (var (path, manifest) in DeployManifests.ReadAll())
        {
            try
            {
                await _cluster.ApplyAsync(manifest, cancellationToken);
            }
            catch (InvalidOperationException exception)
            {
                throw new StackException($"{path} cannot be installed: {exception.Message}", exception);
            }
        }

        await _cluster.SeedAsync(DeployManifests.ReadSamples(), cancellationToken);
    }

    public async Task MountAsync(StackFiles files, CancellationToken cancellationToken)
    {
        PrivateFile.Write(files.AdminKubeconfig, _cluster.AdminKubeconfig);
        _mounts = await PodMounts.CreateAsync(_admin, files, Url, CaPem, _upkeep, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_mounts is not null)
        {
            await _mounts.DisposeAsync();
        }

        _admin.Dispose();
        await _cluster.DisposeAsync();
    }
}
