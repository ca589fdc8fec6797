using System.Diagnostics.Metrics;
using TKA.Operator.Health;
using TKA.Operator.Sessions;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Tokens.Certificates;
using TKA.ServiceDefaults.Health;

namespace TKA.Operator.Telemetry;

/// <summary>Gauges of what this replica is: leader or not, how long its certificate is good, what its sweep saw. There from the start, so that an alert can tell 0 from absent.</summary>
internal sealed class StateMetrics(IMeterFactory meterFactory, SessionController controller, ServerCertificate certificate, ForeignBindingSweep sweep, OngoingFailures failures) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meterFactory.Create(OperatorMetrics.MeterName);
        meter.CreateObservableGauge("tka_operator_leading", () => controller.IsLeading ? 1 : 0, "{replica}", "1 while this replica reconciles.");
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

    private IEnumerable<Measurement<double>> CertificateEnds() =>
        certificate.Current is { } current
            ? [new(new DateTimeOffset(current.NotAfter).ToUnixTimeSeconds(), new KeyValuePair<string, object?>("certificate", "server"))]
            : [];
}
