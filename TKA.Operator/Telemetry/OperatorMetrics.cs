using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TKA.Operator.Telemetry;

/// <summary>Metrics of sessions and tokens. No user name is ever a label.</summary>
internal sealed class OperatorMetrics : IDisposable
{
    public const string MeterName = "TKA.Operator";

    private readonly Meter _meter;
    private readonly Counter<long> _signins;
    private readonly Histogram<double> _provision;
    private readonly Histogram<double> _expiryLag;
    private readonly Counter<long> _revocationFailures;
    private readonly Counter<long> _rejections;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _droppedEvents;
    private Func<int>? _ledgerPending;
    private Func<int>? _policiesMissing;

    public OperatorMetrics(IMeterFactory? meterFactory = null)
    {
        _meter = meterFactory?.Create(MeterName) ?? new Meter(MeterName);
        _signins = _meter.CreateCounter<long>("tka_user_signins_total", "{signin}", "Sessions provisioned or renewed, by role.");
        _provision = _meter.CreateHistogram(
            "tka_session_provision_duration_seconds",
            "s",
            "From the operator seeing a sign-in until its access is in place.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
        _expiryLag = _meter.CreateHistogram(
            "tka_session_expiry_lag_seconds",
            "s",
            "How long after its end a session's access was gone.",
            // One second is the promise in normal running, 15 s the promise to users; what follows shows how bad an outage was.
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600] });
        _revocationFailures = _meter.CreateCounter<long>("tka_revocation_failures_total", "{failure}", "Passes in which revoking access failed; each is retried.");
        _rejections = _meter.CreateCounter<long>("tka_session_rejections_total", "{session}", "Sessions refused, by role and reason of the condition.");
        _tokens = _meter.CreateCounter<long>("tka_token_requests_total", "{request}", "Requests to the token service by outcome.");
        _droppedEvents = _meter.CreateCounter<long>("tka_events_dropped_total", "{event}", "Kubernetes Events given up on.");
        _meter.CreateObservableGauge("tka_admission_policies_missing", () => _policiesMissing?.Invoke() ?? 0, "{policy}", "1 while the cluster lets the operator bind what its admission policies forbid.");
        _meter.CreateObservableGauge("tka_ledger_pending", () => _ledgerPending?.Invoke() ?? 0, "{session}", "Sessions whose latest change is not in the ledger yet.");
    }

    public void WatchPolicies(Func<int> missing) => _policiesMissing = missing;

    public void WatchLedger(Func<int> pending) => _ledgerPending = pending;

    public void SignedIn(string role) => _signins.Add(1, new TagList { { "cluster_role", role } });

    public void Provisioned(TimeSpan duration) => _provision.Record(duration.TotalSeconds);

    public void Revoked(TimeSpan afterEnd) => _expiryLag.Record(Math.Max(0, afterEnd.TotalSeconds));

    public void RevocationFailed() => _revocationFailures.Add(1);

    public void Rejected(string role, string reason) => _rejections.Add(1, new TagList { { "cluster_role", role }, { "reason", reason } });

    public void TokenRequest(string outcome) => _tokens.Add(1, new TagList { { "outcome", outcome } });

    public void EventDropped() => _droppedEvents.Add(1);

    public void Dispose() => _meter.Dispose();
}
