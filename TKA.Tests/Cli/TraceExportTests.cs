using TKA.Tests.EndToEnd;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>The span of a run of tka, where OpenTelemetry's environment variables name a collector.</summary>
public sealed class TraceExportTests : FakeServerTests
{
    [Fact]
    public async Task The_run_is_the_root_of_its_trace()
    {
        await using var collector = await OtlpCollector.StartAsync();
        Export(collector);

        Assert.Equal(0, (await Home.RunAsync("login")).ExitCode);

        var parent = Assert.Single(Server.TraceParents.Distinct());
        var span = Assert.Single(collector.Trace(parent.Substring(3, 32)));
        Assert.Equal(("tka login", parent.Substring(36, 16), ""), (span.Name, span.SpanId, span.ParentId));
    }

    [Fact]
    public async Task In_the_trace_of_a_caller_it_is_a_span_of_its_own()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        const string Caller = "00f067aa0ba902b7";
        await using var collector = await OtlpCollector.StartAsync();
        Export(collector);
        Home.Environment["TRACEPARENT"] = $"00-{Trace}-{Caller}-01";

        Assert.Equal(0, (await Home.RunAsync("login")).ExitCode);

        var span = Assert.Single(collector.Trace(Trace));
        Assert.Equal(Caller, span.ParentId);
        Assert.Equal($"00-{Trace}-{span.SpanId}-01", Assert.Single(Server.TraceParents.Distinct()));
    }

    [Fact]
    public async Task A_collector_that_does_not_answer_changes_nothing()
    {
        Home.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.2:1";

        var login = await Home.RunAsync("login");

        Assert.Equal(0, login.ExitCode);
        Assert.DoesNotContain("127.0.0.2", login.Error, StringComparison.Ordinal);
    }

    private void Export(OtlpCollector collector)
    {
        foreach (var (key, value) in collector.SettingsFor("tka"))
        {
            Home.Environment[key] = value!;
        }
    }
}
