using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TKA.Orchestrator.Registry;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Orchestrator;

/// <summary>What is logged of a state store that is away at the start.</summary>
public sealed class LateStateStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sidecar_that_starts_a_little_later_is_no_news()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var logs = new LogCollector();
        await using var server = await OrchestratorServer.StartAsync(Cancellation, time, daprLater: true, logs: logs);
        var registry = server.Services.GetRequiredService<ClusterRegistry>();
        Assert.False(registry.HasSynced);
        await server.Dapr.UpAsync(Cancellation);

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return registry.HasSynced;
            },
            "the state store is read");

        Assert.DoesNotContain(logs.Lines, IsWarning);
    }

    [Fact]
    public async Task A_sidecar_that_does_not_come_is_warned_of()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var logs = new LogCollector();
        await using var server = await OrchestratorServer.StartAsync(Cancellation, time, daprLater: true, logs: logs);

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return logs.Lines.Any(IsWarning);
            },
            "the missing state store is warned of");
    }

    private static bool IsWarning(LogLine line) =>
        line.Level >= LogLevel.Warning && line.Category.EndsWith("ClusterRegistry", StringComparison.Ordinal);
}
