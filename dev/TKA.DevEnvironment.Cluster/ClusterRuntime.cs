using System.Security.Cryptography;
using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Controllers;
using TKA.DevEnvironment.Cluster.Discovery;
using TKA.DevEnvironment.Cluster.OpenApi;
using TKA.DevEnvironment.Cluster.Patching;
using TKA.DevEnvironment.Cluster.Registry.Custom;
using TKA.DevEnvironment.Cluster.Tables;
using TKA.DevEnvironment.Cluster.Watching;

namespace TKA.DevEnvironment.Cluster;

/// <summary>The server put together: store, registry, pipeline and controllers.</summary>
internal sealed class ClusterRuntime : IAsyncDisposable
{
    /// <summary>The first revision. It is above 1, so that resource version 1 is too old, as in a cluster that has run for a while.</summary>
    private const long FirstRevision = 1000;

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Func<CancellationToken, Task>> _loops = [];
    private Task _controllers = Task.CompletedTask;

    public ClusterRuntime(EmbeddedClusterOptions options, string caPem, ILoggerFactory logging)
    {
        var time = options.TimeProvider;
        Store = new ObjectStore(options.WatchHistory, FirstRevision);
        Registry = new ResourceRegistry(BuiltinResources.Create(time));
        AdminToken = $"admin.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
        var access = new AccessControl(Store, Registry, time, AdminToken);
        Registry.AddCreateHandlers(access.CreateHandlers);
        var writer = new ObjectWriter(Store, access.Admission, time);
        Objects = new ClusterObjects(Store, Registry, writer);
        var deleter = new ObjectDeleter(Store, access.Admission, time);
        Store.Observe(new CustomResources(Registry).Observe);
        Add(new GarbageCollector(Store, Registry, Writes("generic-garbage-collector"), time, logging.CreateLogger<GarbageCollector>()));
        Add(new NamespaceController(Store, Registry, Writes("namespace-controller"), caPem, time, logging.CreateLogger<NamespaceController>()));
        Add(new CustomResourceCleanup(Store, Registry, Writes("crd-finalizer"), time, logging.CreateLogger<CustomResourceCleanup>()));
        Add(new ClusterRoleAggregator(Store, Registry, Writes("clusterrole-aggregation-controller", "system:masters"), time, logging.CreateLogger<ClusterRoleAggregator>()));

        Watches = new WatchEndpoint(Store, new WatchSettings(time) { BookmarkInterval = options.BookmarkInterval }, _stopping.Token);
        var lister = new ObjectLister(Store);
        var resources = new ResourceEndpoint(
            Registry,
            new CreateOnlyEndpoint(access.Policies),
            writer,
            new DeletionEndpoint(deleter, lister),
            lister,
            Watches,
            new ObjectPatcher(writer, new ServerSideApply(writer, time)),
            new TablePrinter(time),
            access.Authorizer);
        Server = new ApiServer(
            access,
            new DiscoveryEndpoint(new DiscoveryDocuments(Registry)),
            new OpenApiEndpoint(new OpenApiDocuments(Registry)),
            resources,
            logging.CreateLogger<ApiServer>());

        ControllerWrites Writes(string serviceAccount, params string[] groups) => new(writer, deleter, serviceAccount, groups);
    }

    /// <summary>Everything stored.</summary>
    public ObjectStore Store { get; }

    /// <summary>Everything served.</summary>
    public ResourceRegistry Registry { get; }

    /// <summary>Stores objects from inside the program.</summary>
    public ClusterObjects Objects { get; }

    /// <summary>Open watches.</summary>
    public WatchEndpoint Watches { get; }

    /// <summary>The request pipeline.</summary>
    public ApiServer Server { get; }

    /// <summary>The administrator's bearer token.</summary>
    public string AdminToken { get; }

    /// <summary>Creates what exists from the start, and starts the controllers.</summary>
    public void Start()
    {
        Objects.ApplyInitial();
        Store.Compact();
        _controllers = Task.WhenAll(_loops.Select(run => Task.Run(() => run(_stopping.Token))));
    }

    private void Add<TKey>(Controller<TKey> controller)
        where TKey : notnull
    {
        Store.Observe(controller.Observe);
        _loops.Add(controller.RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _controllers;
        _stopping.Dispose();
    }
}
