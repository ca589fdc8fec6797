using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using TKA.Orchestrator.Telemetry;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>The dashboard shows what a number means by the unit and the description of its instrument.</summary>
public sealed partial class InstrumentTests
{
    [Fact]
    public async Task Every_instrument_has_a_unit_and_a_description()
    {
        ConcurrentDictionary<string, Instrument> instruments = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("TKA.", StringComparison.Ordinal))
                {
                    instruments[$"{instrument.Meter.Name} {instrument.Name}"] = instrument;
                }
            },
        };
        listener.Start();
        await using var stack = await TkaStack.StartAsync(TestContext.Current.CancellationToken);
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var clusters = new ClusterMetrics(services.GetRequiredService<IMeterFactory>());

        string[] meters = ["TKA.Api", "TKA.Kubernetes", "TKA.Operator", "TKA.Operator.Runtime", "TKA.Orchestrator", "TKA.Tailscale"];
        Assert.Empty(meters.Except(instruments.Values.Select(instrument => instrument.Meter.Name)));
        Assert.All(instruments, pair =>
        {
            Assert.Matches(Unit(), pair.Value.Unit);
            Assert.EndsWith(".", pair.Value.Description, StringComparison.Ordinal);
        });
    }

    /// <summary>UCUM as OpenTelemetry uses it: seconds, bytes, a ratio, or what is counted, in braces.</summary>
    [GeneratedRegex(@"^(s|By|1|\{[a-z]+\})$")]
    private static partial Regex Unit();
}
