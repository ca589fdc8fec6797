using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Orchestrator;

/// <summary>The number of clusters while the state store comes and goes.</summary>
public sealed class ClusterMetricsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sidecar_that_starts_a_little_later_is_no_news()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var logs = new LogCollector();
        await using var server = await OrchestratorServer.StartAsync(Cancellation, time, daprLater: true, logs: logs);
        await server.Dapr.UpAsync(Cancellation);

        await Eventually.TrueAsync(() => CountsAsync(server, time), "the clusters are counted");

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

    private static async Task<bool> CountsAsync(OrchestratorServer server, FakeTimeProvider time)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        using var http = new HttpClient { BaseAddress = server.ManagementUri };
        return (await http.GetStringAsync("/metrics", Cancellation)).Contains("tka_clusters{", StringComparison.Ordinal);
    }
}
