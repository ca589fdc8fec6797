using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Health;

/// <summary>Each fault of the API's table shows in <c>/readyz</c>, metrics and log within a minute, keeps <c>/livez</c> as it is, and passes when it is mended.</summary>
public sealed class ApiFaultTests(ApiScene scene, ITestOutputHelper output) : IClassFixture<ApiScene>
{
    public static TheoryData<string> Faults => [.. ApiFaults.All.Select(fault => fault.Row.Fault)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_shows_within_a_minute_and_passes_when_it_is_mended(string name)
    {
        var fault = ApiFaults.All.Single(fault => fault.Row.Fault == name);
        var lasts = true;
        try
        {
            await scene.StartAsync(fault);
            await ShowsAsync(fault);
            await fault.End(scene);
            lasts = false;
            if (fault.Heals)
            {
                await PassesAsync(fault);
            }
        }
        finally
        {
            output.WriteLine(string.Join('\n', scene.Errors));
            try
            {
                if (lasts)
                {
                    await fault.End(scene);
                }
            }
            finally
            {
                await scene.StopAsync();
            }
        }
    }

    private async Task ShowsAsync(ApiFault fault)
    {
        var began = scene.Now;
        if (!fault.FromTheStart)
        {
            await fault.Begin(scene);
        }

        var said = "";
        await scene.UntilAsync(
            async () =>
            {
                await fault.Use(scene);
                said = await scene.ProbeAsync();
                return (fault.Row.IsToldBy(said) && Missing(fault.Row).Length == 0) || scene.Now - began > TimeSpan.FromMinutes(1);
            },
            "a minute");
        output.WriteLine($"after {scene.Now - began}: {said}");
        Assert.True(fault.Row.IsToldBy(said), said);
        Assert.Empty(Missing(fault.Row));
        Assert.Equal("200\nok", await scene.ProbeAsync("/livez"));
        if (fault.SignsIn is { } signsIn)
        {
            // What it was before may be remembered for ten seconds.
            await scene.UntilAsync(
                async () =>
                {
                    await fault.Use(scene);
                    return (await scene.Person.GetAsync(ApiRoutes.ClusterInfo, wait: null)).Expect(200).Read(ContractsJsonContext.Default.ClusterInfo).SignsIn == signsIn;
                },
                $"cluster-info says so");
        }
    }

    private async Task PassesAsync(ApiFault fault)
    {
        var said = "";
        await scene.UntilAsync(
            async () =>
            {
                await fault.Use(scene);
                return (said = await scene.ProbeAsync()).StartsWith("200", StringComparison.Ordinal) && !said.Contains("[~]", StringComparison.Ordinal);
            },
            $"{fault.Row.Fault} has passed",
            () => said);
    }

    /// <summary>What of the row's metrics and log is not there.</summary>
    private string[] Missing(FaultRow row) =>
    [
        .. row.Metrics.Where(metric => scene.Metric(metric) <= 0),
        .. scene.Metric($"tka_readiness{{check=\"{row.Check}\"}}") == row.Readiness ? [] : new[] { "tka_readiness" },
        .. scene.Log.Contains(row.Log, StringComparison.Ordinal) ? [] : new[] { $"'{row.Log}' in: {scene.Log}" },
    ];
}
