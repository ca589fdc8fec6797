using System.Diagnostics.Metrics;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Health;
using TKA.Operator.Sessions;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Tokens.Certificates;
using TKA.ServiceDefaults.Health;

namespace TKA.Operator.Telemetry;

/// <summary>Gauges of what this replica is and sees: leader or not, the sessions, how long its certificate is good, what its sweep saw. There from the start, so that an alert can tell 0 from absent.</summary>
internal sealed class StateMetrics(
    IMeterFactory meterFactory,
    SessionLeader leader,
    IResourceCache<TkaSignin> signins,
    ServerCertificate certificate,
    ForeignBindingSweep sweep,
    OngoingFailures failures,
    ClusterTime time) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meterFactory.Create(OperatorMetrics.MeterName);
        meter.CreateObservableGauge("tka_operator_leading", () => leader.IsLeading ? 1 : 0, "{replica}", "1 while this replica reconciles.");
        meter.CreateObservableGauge("tka_active_user_sessions", CountActive, "{session}", "Sessions with access, by role.");
        meter.CreateObservableGauge("tka_sessions_overdue", CountOverdue, "{session}", "Sessions past their end that are still there. Alert on this.");
        meter.CreateObservableGauge(
            "tka_sessions_failing",
            () => failures.Count(SessionFailures.Sessions) + failures.Count(SessionFailures.Tokens),
            "{session}",
            "Sessions that the cluster refuses again and again to set up, to end or to give a token.");
        meter.CreateObservableGauge("tka_go_bindings", () => sweep.OfGo, "{binding}", "Bindings of sessions that the Go TKA seems to have left behind.");
        meter.CreateObservableGauge("tka_foreign_bindings", () => sweep.Count, "{binding}", "Bindings that TKA did not make and that name a session's ServiceAccount.");
        meter.CreateObservableGauge("tka_certificate_end_timestamp_seconds", CertificateEnds, "s", "When the token service's certificate ends, in seconds since 1970; its CA ends later.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<int>> CountActive() =>
        signins.List()
            .Where(signin => signin.IsReady())
            .CountBy(signin => signin.Spec.Role)
            .Select(role => new Measurement<int>(role.Value, new KeyValuePair<string, object?>("cluster_role", role.Key)));

    private int CountOverdue()
    {
        var now = time.GetUtcNow();
        return signins.List().Count(signin => SessionWindow.Of(signin, now).IsOver(now));
    }

    private IEnumerable<Measurement<double>> CertificateEnds() =>
        certificate.Current is { } current
            ? [new(new DateTimeOffset(current.NotAfter).ToUnixTimeSeconds(), new KeyValuePair<string, object?>("certificate", "server"))]
            : [];
}
