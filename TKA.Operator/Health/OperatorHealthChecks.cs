using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Operator.Runtime.LeaderElection;
using TKA.Operator.Sessions;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Tokens.Certificates;
using TKA.ServiceDefaults.Health;

namespace TKA.Operator.Health;

/// <summary>
/// Ready once every cache has its first list; degraded while a watch cannot be kept up; not ready when the API server has answered
/// nothing for longer than a lease lasts, so that no session can be started or ended.
/// </summary>
internal sealed class CachesHealthCheck(IEnumerable<IInformer> informers, KubernetesTransport transport, LeaderElectionOptions election) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var unsynced = informers.Where(informer => !informer.HasSynced).ToArray();
        if (unsynced.Length > 0)
        {
            var reasons = unsynced.Select(informer => informer.LastError is { } error ? $"{informer.Resource} ({error.Error})" : informer.Resource);
            return Task.FromResult(HealthCheckResult.Unhealthy($"not listed yet: {string.Join(", ", reasons)}"));
        }

        var failing = informers.Where(informer => informer.LastError is not null).Select(informer => $"{informer.Resource} ({informer.LastError!.Error})").ToArray();
        if (failing.Length > 0 && transport.SinceLastAnswer is var silence && silence > election.LeaseDuration)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy($"no answer from the Kubernetes API for {silence.TotalSeconds:0} s: {informers.First(informer => informer.LastError is not null).LastError!.Message}"));
        }

        return Task.FromResult(failing.Length > 0 ? HealthCheckResult.Degraded($"watch broken: {string.Join(", ", failing)}") : HealthCheckResult.Healthy());
    }
}

/// <summary>Ready once the cluster is seen to refuse what the admission policies of <c>deploy/</c> forbid this operator.</summary>
internal sealed class PolicyHealthCheck(PolicyProof policies) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(policies.Missing is { } missing ? HealthCheckResult.Unhealthy(missing) : HealthCheckResult.Healthy());
}

/// <summary>Ready once there is a certificate to serve tokens with.</summary>
internal sealed class CertificateHealthCheck(ServerCertificate certificate) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(certificate.Current is null ? HealthCheckResult.Unhealthy("no certificate yet") : HealthCheckResult.Healthy());
}

/// <summary>Says who leads. A replica that waits is as ready as one that works; one that has not reached the Lease for longer than a lease is not.</summary>
internal sealed class LeadershipHealthCheck(SessionLeader leader) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(leader.Outage is { } outage
            ? HealthCheckResult.Unhealthy(outage)
            : HealthCheckResult.Healthy(leader.IsLeading ? "leading" : $"waiting; {(leader.Leader.Length > 0 ? leader.Leader : "nobody")} leads"));
}

/// <summary>
/// Degraded while the cluster refuses again and again to set a session up, to end one or to issue a token. Sessions that live go on, and
/// any replica would be refused the same: failing would only take the token service away.
/// </summary>
internal sealed class SessionsHealthCheck(OngoingFailures failures) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var texts = new[] { SessionFailures.Sessions, SessionFailures.Tokens }
            .Select(kind => failures.Describe(kind) is { } failing ? $"{kind} {failing}" : null)
            .OfType<string>()
            .ToArray();
        return Task.FromResult(texts.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", texts)));
    }
}

/// <summary>Kinds of work in <see cref="OngoingFailures"/>, in the words of the health report.</summary>
internal static class SessionFailures
{
    public const string Sessions = "sessions that cannot be set up or ended:";
    public const string Tokens = "sessions or callers without tokens:";
}
