using System.Security.Cryptography;
using TKA.DevEnvironment.Cluster.Authentication;
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
    private readonly ObjectWriter _writer;
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
        _writer = new ObjectWriter(Store, access.Admission, time);
        var deleter = new ObjectDeleter(Store, access.Admission, time);
        Store.Observe(new CustomResources(Registry).Observe);
        Add(new GarbageCollector(Store, Registry, Writes("generic-garbage-collector"), time, logging.CreateLogger<GarbageCollector>()));
        Add(new NamespaceController(Store, Registry, Writes("namespace-controller"), caPem, time, logging.CreateLogger<NamespaceController>()));
        Add(new CustomResourceCleanup(Store, Registry, Writes("crd-finalizer"), time, logging.CreateLogger<CustomResourceCleanup>()));
        Add(new ClusterRoleAggregator(Store, Registry, Writes("clusterrole-aggregation-controller", "system:masters"), time, logging.CreateLogger<ClusterRoleAggregator>()));

        Watches = new WatchEndpoint(Store, new WatchSettings(time) { BookmarkInterval = options.BookmarkInterval }, _stopping.Token);
        var resources = new ResourceEndpoint(
            Registry,
            new CreateOnlyEndpoint(access.Policies),
            _writer,
            deleter,
            new ObjectLister(Store),
            Watches,
            new ObjectPatcher(_writer, new ServerSideApply(_writer, time)),
            new TablePrinter(time),
            access.Authorizer);
        Server = new ApiServer(
            access,
            new DiscoveryEndpoint(new DiscoveryDocuments(Registry), VersionInfo.Current),
            new OpenApiEndpoint(new OpenApiDocuments(Registry)),
            resources,
            logging.CreateLogger<ApiServer>());

        ControllerWrites Writes(string serviceAccount, params string[] groups) => new(_writer, deleter, serviceAccount, groups);
    }

    /// <summary>Everything stored.</summary>
    public ObjectStore Store { get; }

    /// <summary>Everything served.</summary>
    public ResourceRegistry Registry { get; }

    /// <summary>Open watches.</summary>
    public WatchEndpoint Watches { get; }

    /// <summary>The request pipeline.</summary>
    public ApiServer Server { get; }

    /// <summary>The administrator's bearer token.</summary>
    public string AdminToken { get; }

    /// <summary>Creates what exists from the start, and starts the controllers.</summary>
    public void Start()
    {
        foreach (var name in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            Apply(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } });
        }

        foreach (var obj in BootstrapPolicy.Objects())
        {
            Apply(obj);
        }

        Apply(ApiServerService());
        Store.Compact();
        _controllers = Task.WhenAll(_loops.Select(run => Task.Run(() => run(_stopping.Token))));
    }

    private void Add<TKey>(Controller<TKey> controller)
        where TKey : notnull
    {
        Store.Observe(controller.Observe);
        _loops.Add(controller.RunAsync);
    }

    /// <summary>The service every cluster has: how pods find the API server.</summary>
    private static JsonObject ApiServerService() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject
        {
            ["name"] = "kubernetes",
            ["namespace"] = "default",
            ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
        },
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = "10.96.0.1",
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = 6443 }),
        },
    };

    /// <summary>Creates an object as the administrator, or merges it into the one that exists.</summary>
    /// <exception cref="StatusException">It was refused.</exception>
    public void Apply(JsonObject obj) => Apply(obj, byServer: false);

    /// <summary>Stores a sample object with its status, as if a real cluster had run it.</summary>
    /// <exception cref="StatusException">It was refused.</exception>
    public void Seed(JsonObject obj)
    {
        var (definition, request) = Apply(obj, byServer: true);
        if (definition.Strategy.HasStatus && obj["status"] is { } status)
        {
            var update = request with { Info = request.Info with { Verb = "update", Subresource = "status" } };
            _writer.Update(definition, update, current =>
            {
                current["status"] = status.DeepClone();
                return current;
            });
        }
    }

    private (ResourceDefinition Definition, WriteRequest Request) Apply(JsonObject obj, bool byServer)
    {
        var definition = Registry.FindKind(obj.Text("apiVersion"), obj.Text("kind"))
            ?? throw new StatusException(404, "NotFound", $"no matches for kind \"{obj.Text("kind")}\" in version \"{obj.Text("apiVersion")}\"");
        var metadata = obj.Child("metadata");
        var @namespace = definition.Namespaced ? metadata.Text("namespace") is { Length: > 0 } given ? given : "default" : "";
        var info = RequestInfo.ForObject(definition, "create", @namespace, metadata.Text("name"));
        var request = new WriteRequest(WellKnownUsers.Admin, info, new WriteOptions(DryRun: false, "tka", FieldValidation.Strict, Force: null)) { Manager = "tka", ByServer = byServer };
        if (Store.Find(definition.GroupResource, @namespace, info.Name) is null)
        {
            _writer.Create(definition, request, (JsonObject)obj.DeepClone());
            return (definition, request);
        }

        var update = request with { Info = info with { Verb = "patch" } };
        _writer.Update(definition, update, current => MergePatch.Apply(current, obj) as JsonObject ?? current);
        return (definition, request);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _controllers;
        _stopping.Dispose();
    }
}
