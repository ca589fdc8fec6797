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

    private static readonly Lazy<TraceContext> Run = new(() => From(Environment.GetEnvironmentVariable(Variable), TraceExport.IsConfigured));

    private TraceContext(string traceParent, string parentId) => (TraceParent, ParentId) = (traceParent, parentId);

    /// <summary>The trace of this run.</summary>
    public static TraceContext OfThisRun => Run.Value;

    /// <summary>Whether this run has sent a request.</summary>
    public static bool IsUsed => Run.IsValueCreated;

    /// <summary>Value of the header. The servers' spans are children of the one it names.</summary>
    public string TraceParent { get; }

    /// <summary>The trace's id, 32 hexadecimal digits.</summary>
    public string TraceId => TraceParent.Substring(3, 32);

    /// <summary>Id of the span that the servers' spans are children of, 16 hexadecimal digits.</summary>
    public string SpanId => TraceParent.Substring(36, 16);

    /// <summary>Id of the caller's span, which the span of this run is a child of; empty for a trace of its own.</summary>
    public string ParentId { get; }

    /// <summary>Continues a trace; what is no valid context starts a new one, as the specification asks.</summary>
    /// <param name="traceParent">A <c>traceparent</c>, or nothing.</param>
    /// <param name="hasSpan">Whether this run is a span of its own, which is exported; otherwise the servers' spans are children of the caller's.</param>
    public static TraceContext From(string? traceParent, bool hasSpan)
    {
        if (traceParent is { Length: 55 } && traceParent.StartsWith("00-", StringComparison.Ordinal) && ActivityContext.TryParse(traceParent, null, out _))
        {
            return hasSpan
                ? new TraceContext($"{traceParent[..36]}{ActivitySpanId.CreateRandom()}{traceParent[52..]}", traceParent.Substring(36, 16))
                : new TraceContext(traceParent, "");
        }

        return new TraceContext($"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01", "");
    }
}
