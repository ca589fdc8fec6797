using System.Diagnostics;

namespace TKA.Cli.Client;

/// <summary>
/// The trace that a run of tka belongs to (W3C Trace Context). All its requests carry the same, so the spans of the servers, down to the
/// operator's requests to Kubernetes, are one trace; it is the trace id in errors.
/// </summary>
internal sealed class TraceContext
{
    /// <summary>Header of the requests.</summary>
    public const string Header = "traceparent";

    /// <summary>
    /// Variable with the context of whoever runs tka, as OpenTelemetry's specification names it (Environment Variables as Context
    /// Propagation Carriers).
    /// </summary>
    public const string Variable = "TRACEPARENT";

    private TraceContext(string traceParent) => TraceParent = traceParent;

    /// <summary>The trace of this run.</summary>
    public static TraceContext OfThisRun { get; } = From(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Value of the header. The servers' spans are children of the one it names.</summary>
    public string TraceParent { get; }

    /// <summary>The trace's id, 32 hexadecimal digits.</summary>
    public string TraceId => TraceParent.Substring(3, 32);

    /// <summary>Continues a trace; what is no valid context starts a new one, as the specification asks.</summary>
    /// <param name="traceParent">A <c>traceparent</c>, or nothing.</param>
    public static TraceContext From(string? traceParent) =>
        traceParent is { Length: 55 } && traceParent.StartsWith("00-", StringComparison.Ordinal) && ActivityContext.TryParse(traceParent, null, out _)
            ? new TraceContext(traceParent)
            : new TraceContext($"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01");
}
