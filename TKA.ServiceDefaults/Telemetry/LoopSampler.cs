using System.Diagnostics;
using OpenTelemetry.Trace;

namespace TKA.ServiceDefaults.Telemetry;

/// <summary>
/// Decides about spans without a parent. A request that a service sends by itself (a lease's renewal, a watch, a health check, a
/// heartbeat) begins no trace; neither does what it causes in other services, because the decision travels with the request. A request
/// that a service receives is a trace, whoever sent it.
/// </summary>
internal sealed class LoopSampler : Sampler
{
    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters.Kind is ActivityKind.Client ? SamplingDecision.Drop : SamplingDecision.RecordAndSample);
}
