using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TKA.ServiceDefaults.Management;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>A TKA that has nothing to do, probed and scraped as in a cluster.</summary>
public sealed class IdleTests
{
    // One line a minute would be 20.
    private const int Few = 15;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_idle_minutes_write_no_more_than_a_few_lines()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "its clock runs on while a real cluster's does not");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Time = time,
            Dapr = true,

            // A clock that is turned faster than a busy machine renews a lease would make leaders come and go, which is logged.
            OperatorSettings = new Dictionary<string, string?> { ["operator:leaderElection"] = "false" },
        });
        using var http = new HttpClient();
        Uri[] management = [stack.ApiManagementUri, stack.Operator.Services.GetRequiredService<ManagementListener>().Uri];
        await PassAsync(30);
        var api = Lines(stack.ApiLogs).Count;
        var @operator = Lines(stack.OperatorLogs).Count;

        await PassAsync(600);

        Assert.InRange(Lines(stack.ApiLogs).Count - api, 0, Few);
        Assert.InRange(Lines(stack.OperatorLogs).Count - @operator, 0, Few);

        async Task PassAsync(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                time.Advance(Step);
                foreach (var uri in management)
                {
                    foreach (var path in (string[])["/livez", "/readyz", "/metrics"])
                    {
                        using var response = await http.GetAsync(new Uri(uri, path), Cancel);
                    }
                }
            }
        }
    }

    private static IReadOnlyList<LogLine> Lines(LogCollector logs) => [.. logs.Lines.Where(line => line.Level >= LogLevel.Information)];
}
