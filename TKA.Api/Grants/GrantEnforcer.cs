using TKA.Api.Sessions;
using TKA.Api.Telemetry;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;

namespace TKA.Api.Grants;

/// <summary>Makes a session follow its grant: shortens it, takes namespaces away, or ends it.</summary>
internal sealed class GrantEnforcer(SessionRepository sessions, AuditLog audit, ClusterTime time)
{
    private const int MaxAttempts = 5;

    /// <summary>Applies what the rules of today leave of a session.</summary>
    /// <param name="session">The session as last seen.</param>
    /// <param name="judge">Compares a session with the rules; called again when the session changed meanwhile.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="KubernetesRequestException">The cluster failed; the next look tries again.</exception>
    public async Task<GrantOutcome> ApplyAsync(TkaSignin session, Func<TkaSignin, GrantVerdict> judge, string reason, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var verdict = judge(session);
            switch (verdict.Outcome)
            {
                case GrantOutcome.Unchanged:
                    return GrantOutcome.Unchanged;
                case GrantOutcome.Gone:
                    if (await sessions.DeleteAsync(session, cancellationToken))
                    {
                        Record(session, AuditOutcomes.Ended, reason);
                    }

                    return GrantOutcome.Gone;
            }

            try
            {
                var narrowed = await sessions.ReplaceAsync(SigninFactory.Narrowed(session, verdict.Period, verdict.Namespaces, time.GetUtcNow()), cancellationToken);
                Record(narrowed, AuditOutcomes.Shrunk, reason);
                return GrantOutcome.Smaller;
            }
            catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Conflict or KubernetesError.NotFound)
            {
                if (await sessions.RefreshAsync(session.Metadata.Name, cancellationToken) is not { } fresh || fresh.Metadata.Uid != session.Metadata.Uid)
                {
                    // Over, or a newer session, which was granted a moment ago.
                    return GrantOutcome.Gone;
                }

                session = fresh;
            }
        }

        throw new KubernetesRequestException(KubernetesError.Conflict, $"session {session.Metadata.Name} kept changing");
    }

    private void Record(TkaSignin session, string outcome, string reason) =>
        audit.Record(new AuditRecord(AuditActions.Recheck, outcome, session.Spec.Username)
        {
            Node = session.Spec.Node?.Name,
            NodeId = session.Spec.Node?.StableId,
            Session = session.Metadata.Name,
            Role = session.Spec.Role,
            Namespaces = session.Spec.Namespaces,
            Until = SessionWindow.Of(session, time.GetUtcNow()).End,
            Reason = reason,
        });
}
