using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Health;

/// <summary>Each fault of the operator's table shows in <c>/readyz</c>, metrics and log within a minute, keeps <c>/livez</c> as it is, and passes when it is mended.</summary>
public sealed class OperatorFaultTests(SharedSessionWorld shared, ITestOutputHelper output) : IClassFixture<SharedSessionWorld>
{
    public static TheoryData<string> Faults => [.. OperatorFaults.All.Select(fault => fault.Row.Fault)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_shows_within_a_minute_and_passes_when_it_is_mended(string name)
    {
        var fault = OperatorFaults.All.Single(fault => fault.Row.Fault == name);
        var world = shared.World;
        await using var scene = new OperatorScene(world, $"p{Guid.NewGuid():N}@example.com");
        world.TickLength = TimeSpan.FromMilliseconds(20);
        await scene.StartAsync(fault);
        if (!fault.FromTheStart)
        {
            scene.Proxy.Rule = fault.Rule;
            await fault.Begin(scene);
        }

        world.TickLength = TimeSpan.FromMilliseconds(500);
        var began = world.Clock.GetUtcNow();
        var said = "";
        await world.UntilAsync(
            async () =>
            {
                await fault.Use(scene);
                said = await scene.Operator.ReadinessAsync();
                return (fault.Row.IsToldBy(said) && Missing(scene, fault.Row).Length == 0) || world.Clock.GetUtcNow() - began > TimeSpan.FromMinutes(1);
            },
            "a minute");
        output.WriteLine($"after {world.Clock.GetUtcNow() - began}: {said}");
        Assert.True(fault.Row.IsToldBy(said), said);
        Assert.Empty(Missing(scene, fault.Row));
        using var http = new HttpClient { BaseAddress = scene.Operator.Management };
        Assert.Equal("ok", await http.GetStringAsync("/livez", Cancel));

        scene.Proxy.Rule = static _ => null;
        await fault.End(scene);
        if (fault.Heals)
        {
            world.TickLength = TimeSpan.FromSeconds(2);
            await world.UntilAsync(
                async () =>
                {
                    await fault.Use(scene);
                    return (said = await scene.Operator.ReadinessAsync()).StartsWith("200", StringComparison.Ordinal) && !said.Contains("[~]", StringComparison.Ordinal);
                },
                $"{name} has passed");
        }

        await CleanUpAsync(scene);
    }

    /// <summary>What of the row's metrics and log is not there.</summary>
    private static string[] Missing(OperatorScene scene, FaultRow row) =>
    [
        .. row.Metrics.Where(metric => scene.Operator.Metric(metric) <= 0),
        .. scene.Operator.Metric($"tka_readiness{{check=\"{row.Check}\"}}") == row.Readiness ? [] : new[] { "tka_readiness" },
        .. scene.Log.Text.Contains(row.Log, StringComparison.Ordinal) ? [] : new[] { $"'{row.Log}' in: {scene.Log.Text}" },
    ];

    private static async Task CleanUpAsync(OperatorScene scene)
    {
        if (await scene.World.GetAsync(scene.Person) is not null)
        {
            await scene.World.LogoutAsync(scene.Person);
            await scene.World.GoneAsync(scene.Person);
        }
    }
}

/// <summary>One cluster for all faults: each mends what it broke.</summary>
public sealed class SharedSessionWorld : IAsyncLifetime
{
    private SessionWorld? _world;

    internal SessionWorld World => _world!;

    public async ValueTask InitializeAsync() => _world = await SessionWorld.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }
}
