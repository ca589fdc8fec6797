using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Api.Sessions;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.ServiceDefaults.Health;

namespace TKA.Api.Hosting;

/// <summary>
/// Ready when the sessions are known. Degraded, not down, while they cannot be kept current, cannot be written, or the operator does not
/// act on them: logins are answered 503 one by one, and everything else still works.
/// </summary>
internal sealed class SessionsHealthCheck(ResourceInformer<TkaSignin> informer, OngoingFailures failures, ClusterTime time) : IHealthCheck
{
    /// <summary>How long the operator may take to act on a login or on an end before that is reported.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>In <see cref="HealthCheckResult.Data"/> of a check: people cannot sign in while it is as it is.</summary>
    public const string BlocksSignIn = "blocks-sign-in";

    private static readonly Dictionary<string, object> Blocking = new() { [BlocksSignIn] = true };

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((informer.HasSynced, informer.LastError, failures.Describe(SessionRepository.Failures)) switch
        {
            (false, null, _) => new HealthCheckResult(context.Registration.FailureStatus, "The sessions are not listed yet."),
            (false, { } error, _) => new HealthCheckResult(context.Registration.FailureStatus, error.Message),
            (true, { } error, _) => HealthCheckResult.Degraded(error.Message, data: Blocking),
            (true, null, { } refused) => HealthCheckResult.Degraded($"The cluster refuses to have sessions written: {refused}", data: Blocking),
            _ when FindProblem() is { } problem => problem,
            _ => HealthCheckResult.Healthy($"{informer.Cache.Count} sessions are known."),
        });

    private HealthCheckResult? FindProblem()
    {
        var now = time.GetUtcNow();
        var sessions = informer.Cache.List();
        var waiting = sessions.Where(session => IsWaiting(session, now)).ToArray();
        if (waiting.Length > 0)
        {
            var said = waiting.Select(session => session.ReadyCondition()?.Message).FirstOrDefault(message => !string.IsNullOrEmpty(message));
            var text = $"Logins that have waited for the operator for longer than {Limit.TotalSeconds:0} s: {waiting.Length}. {said}".TrimEnd();

            // A later login that was served shows that sessions are set up: the one that waits is at fault itself.
            var since = waiting.Min(session => SessionWindow.Of(session, now).Start);
            var served = sessions.Any(session => session.StateAt(now) == SessionState.Ready && SessionWindow.Of(session, now).Start > since);
            return HealthCheckResult.Degraded(text, data: served ? null : Blocking);
        }

        var overdue = sessions.Count(session => IsOverdue(session, now));
        return overdue > 0 ? HealthCheckResult.Degraded($"Sessions that the operator has not ended {Limit.TotalSeconds:0} s after they were over: {overdue}.") : null;
    }

    private static bool IsWaiting(TkaSignin session, DateTimeOffset now) =>
        session.StateAt(now) == SessionState.Pending && now - SessionWindow.Of(session, now).Start > Limit;

    private static bool IsOverdue(TkaSignin session, DateTimeOffset now)
    {
        var end = SessionWindow.Of(session, now).End;
        var ended = session.Metadata.DeletionTimestamp is { } at && new DateTimeOffset(at.ToUniversalTime()) is var deleted && deleted < end ? deleted : end;
        return now - ended > Limit;
    }
}
