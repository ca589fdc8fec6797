using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using TKA.Tests.Orchestrator;
using Xunit;

namespace TKA.Tests.Health;

/// <summary>A fault of the orchestrator's surroundings, and how to make and mend it.</summary>
internal sealed record OrchestratorFault(FaultRow Row)
{
    /// <summary>Whether Dapr is away when the orchestrator starts.</summary>
    public bool FromTheStart { get; init; }

    public Func<OrchestratorServer, Task> Begin { get; init; } = static _ => Task.CompletedTask;

    public required Func<OrchestratorServer, Task> End { get; init; }
}

/// <summary>The faults of the orchestrator's surroundings, in the order of the documentation.</summary>
internal static class OrchestratorFaults
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static IReadOnlyList<OrchestratorFault> All { get; } =
    [
        new(new("tailscaled cannot be reached", 503, "tailscale", "failed", "tailscaled", "Not ready: tailscale"))
        {
            Begin = static server => server.Tailnet.DownAsync(),
            End = static server => server.Tailnet.UpAsync(Cancel),
        },
        new(new("The state store has been away since the start", 200, "state", "degraded", "cannot be used", "Ready, but degraded: state"))
        {
            FromTheStart = true,
            End = static server => server.Dapr.UpAsync(Cancel),
        },
        new(new("The state store is away", 200, "state", "degraded", "cannot be used", "cannot be used"))
        {
            Begin = static server => server.Dapr.DownAsync(),
            End = static server => server.Dapr.UpAsync(Cancel),
        },
    ];
}

/// <summary>Each fault of the orchestrator's table shows in <c>/readyz</c>, metrics and log within a minute, keeps <c>/livez</c> as it is, and passes when it is mended.</summary>
public sealed class OrchestratorFaultTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    public static TheoryData<string> Faults => [.. OrchestratorFaults.All.Select(fault => fault.Row.Fault)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_shows_within_a_minute_and_passes_when_it_is_mended(string name)
    {
        var fault = OrchestratorFaults.All.Single(fault => fault.Row.Fault == name);
        var (time, logs) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), new LogCollector());
        await using var server = await OrchestratorServer.StartAsync(Cancel, time, daprLater: fault.FromTheStart, logs: logs);
        using var metrics = new AppMetrics(server.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        if (!fault.FromTheStart)
        {
            await UntilAsync(static said => said.StartsWith("200", StringComparison.Ordinal) && !said.Contains("[~]", StringComparison.Ordinal), "ready");
        }

        var began = time.GetUtcNow();
        await fault.Begin(server);
        var told = await UntilAsync(said => (fault.Row.IsToldBy(said) && Missing().Length == 0) || time.GetUtcNow() - began > TimeSpan.FromMinutes(1), "a minute");
        output.WriteLine($"after {time.GetUtcNow() - began}: {told}");
        Assert.True(fault.Row.IsToldBy(told), told);
        Assert.Empty(Missing());
        Assert.Equal("200\nok", await ProbeAsync("/livez"));

        await fault.End(server);
        await UntilAsync(static said => said.StartsWith("200", StringComparison.Ordinal) && !said.Contains("[~]", StringComparison.Ordinal), $"{name} has passed");

        string[] Missing() =>
        [
            .. fault.Row.Metrics.Where(metric => metrics.Value(metric) <= 0),
            .. metrics.Value($"tka_readiness{{check=\"{fault.Row.Check}\"}}") == fault.Row.Readiness ? [] : new[] { "tka_readiness" },
            .. logs.Lines.Any(line => line.Message.Contains(fault.Row.Log, StringComparison.Ordinal)) ? [] : new[] { $"'{fault.Row.Log}' in: {string.Join('\n', logs.Lines.Select(line => line.Message))}" },
        ];

        async Task<string> UntilAsync(Func<string, bool> condition, string what)
        {
            var said = "";
            await Eventually.TrueAsync(
                async () =>
                {
                    time.Advance(Tick);
                    return condition(said = await ProbeAsync("/readyz?verbose"));
                },
                what,
                seen: () => said);
            return said;
        }

        async Task<string> ProbeAsync(string path)
        {
            using var http = new HttpClient { BaseAddress = server.ManagementUri };
            using var response = await http.GetAsync(path, Cancel);
            return $"{(int)response.StatusCode}\n{await response.Content.ReadAsStringAsync(Cancel)}";
        }
    }
}
