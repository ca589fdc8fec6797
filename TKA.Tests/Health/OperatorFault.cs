using Microsoft.Extensions.DependencyInjection;
using TKA.Kubernetes.Client;
using TKA.Tests.Cli;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Health;

/// <summary>A fault of the operator's surroundings, and how to make and mend it.</summary>
internal sealed record OperatorFault(FaultRow Row)
{
    /// <summary>What happens to the operator's requests while the fault lasts.</summary>
    public Func<ProxiedRequest, Fault?> Rule { get; init; } = static _ => null;

    /// <summary>Whether the fault is there before the operator starts.</summary>
    public bool FromTheStart { get; init; }

    /// <summary>Whether the operator reaches the cluster by TLS, through a relay that can lead elsewhere. No request can be changed then.</summary>
    public bool ThroughRelay { get; init; }

    /// <summary>Called when the fault begins.</summary>
    public Func<OperatorScene, Task> Begin { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Called again and again while the fault lasts, as people go on using TKA.</summary>
    public Func<OperatorScene, Task> Use { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Called when the fault ends.</summary>
    public Func<OperatorScene, Task> End { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Settings of the operator.</summary>
    public Dictionary<string, string?> Configuration { get; init; } = [];

    /// <summary>Whether mending is seen without a restart. Not so where the fault is a setting.</summary>
    public bool Heals { get; init; } = true;

    public override string ToString() => Row.Fault;
}

/// <summary>A running operator behind a proxy, in a world that several faults share.</summary>
internal sealed class OperatorScene(SessionWorld world, string person) : IAsyncDisposable
{
    private OperatorUnderTest? _operator;
    private OperatorUnderTest? _other;
    private FaultyProxy? _relay;
    private TlsListener? _stranger;
    private TestAuthority? _authority;

    public SessionWorld World { get; } = world;

    /// <summary>Whom sessions of this fault belong to.</summary>
    public string Person { get; } = person;

    /// <summary>Token of the API, once it has asked for one.</summary>
    public string? Bearer { get; set; }

    public CollectingOutput Log { get; } = new();

    /// <summary>By how much the versions of sessions are lower than the cluster's, as the operator sees them.</summary>
    public long Back { get; set; }

    public OffsetTime Clock { get; } = new(world.Time);

    public OperatorUnderTest Operator => _operator!;

    public FaultProxy Proxy { get; private set; } = null!;

    public async Task StartAsync(OperatorFault fault)
    {
        Proxy = await FaultProxy.StartAsync(World);
        Dictionary<string, string?> relayed = [];
        if (fault.ThroughRelay)
        {
            var host = World.Cluster.Configuration.Host.TrimEnd('/');
            _relay = new FaultyProxy(new Uri(host));
            var path = await World.Tka.KubeconfigForAsync("tka-operator", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Replace(host, _relay.Uri.ToString().TrimEnd('/'), StringComparison.Ordinal), TestContext.Current.CancellationToken);
            relayed["kubernetes:kubeconfig"] = path;
        }

        var setup = new OperatorSetup
        {
            Proxy = fault.ThroughRelay ? null : Proxy,
            Services = services => services.Configure<KubernetesClientOptions>(options => options.Handlers.Add(() => new RestoredCluster(() => Back))),
            Output = Log,
            Clock = Clock,
            Configuration = new(fault.Configuration.Concat(relayed))
            {
                ["operator:tokenService:burst"] = "1000",
                ["operator:tokenService:perMinute"] = "60000",
            },
        };
        if (!fault.FromTheStart)
        {
            _operator = await OperatorUnderTest.StartAsync(World, setup);
            return;
        }

        Proxy.Rule = fault.Rule;
        await fault.Begin(this);
        _operator = await OperatorUnderTest.StartWithoutWaitingAsync(World, setup);
    }

    /// <summary>Leads the operator to a server whose certificate is of another CA.</summary>
    public Task LeadToStrangerAsync()
    {
        _authority = new TestAuthority();
        _stranger = new TlsListener(_authority.Issue("127.0.0.1"));
        _relay!.Target = new Uri($"https://127.0.0.1:{_stranger.Port}");
        _relay.Cut();
        return Task.CompletedTask;
    }

    /// <summary>Leads the operator to its cluster again.</summary>
    public Task LeadBackAsync()
    {
        _relay!.Target = new Uri(World.Cluster.Configuration.Host);
        _relay.Cut();
        return Task.CompletedTask;
    }

    /// <summary>Starts another operator that leads, and with it the scene's own that waits.</summary>
    public async Task LeadByAnotherAsync() => _other = await OperatorUnderTest.StartAsync(World);

    public async ValueTask DisposeAsync()
    {
        if (_operator is not null)
        {
            await _operator.DisposeAsync();
        }

        if (_other is not null)
        {
            await _other.DisposeAsync();
        }

        await Proxy.DisposeAsync();
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        if (_stranger is not null)
        {
            await _stranger.DisposeAsync();
            _authority!.Dispose();
        }
    }
}
