using Microsoft.Extensions.Options;
using TKA.Api.Problems;
using TKA.Api.Telemetry;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Sessions;

/// <summary>Ends sessions: one's own, and for admins anybody's.</summary>
internal sealed class LogoutService(
    SessionRepository sessions, SessionQuery query, AuditLog audit, IOptions<TailscaleOptions> tailscale, ClusterTime time)
{
    /// <summary>Ends one session of the caller. Needs no rule: giving up access must not depend on having it.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">Role of the session; <see langword="null"/>: the base session.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ApiProblemException">404: the person has no such session.</exception>
    public async Task<SessionResponse> OwnAsync(TailscalePeer peer, string? role, CancellationToken cancellationToken) =>
        await TryEndOwnAsync(query.Find(peer, role), peer, cancellationToken)
            ?? await TryEndOwnAsync(await query.FindAfreshAsync(peer, role, cancellationToken), peer, cancellationToken)
            ?? throw NothingToEnd(peer, role);

    /// <summary>Ends all sessions of the caller.</summary>
    /// <returns>Those that were ended by this request.</returns>
    /// <exception cref="ApiProblemException">404: the person has no such session.</exception>
    public async Task<OwnSessionList> AllOwnAsync(TailscalePeer peer, CancellationToken cancellationToken)
    {
        List<SessionResponse> ended = [];
        foreach (var session in sessions.OfPerson(peer.LoginName))
        {
            if (await TryEndAsync(session, peer, AuditActions.Logout, null, cancellationToken))
            {
                ended.Add(SessionView.Response(session, time.GetUtcNow()));
            }
        }

        return ended.Count > 0 ? new OwnSessionList { Items = ended } : throw NothingToEnd(peer, null);
    }

    /// <summary>Ends the session of a name.</summary>
    /// <exception cref="ApiProblemException">404: the person has no such session.</exception>
    public async Task ByNameAsync(string name, TailscalePeer admin, CancellationToken cancellationToken)
    {
        if (sessions.FindByName(name) is not { } session
            || !await TryEndAsync(session, admin, AuditActions.EndSession, $"ended by {admin.LoginName}", cancellationToken))
        {
            throw new ApiProblemException(ApiProblems.NoSuchSession(name));
        }
    }

    private async Task<SessionResponse?> TryEndOwnAsync(TkaSignin? session, TailscalePeer peer, CancellationToken cancellationToken) =>
        session is not null && await TryEndAsync(session, peer, AuditActions.Logout, null, cancellationToken)
            ? SessionView.Response(session, time.GetUtcNow())
            : null;

    private async Task<bool> TryEndAsync(TkaSignin session, TailscalePeer actor, string action, string? reason, CancellationToken cancellationToken)
    {
        if (session.Metadata.DeletionTimestamp is not null || !await sessions.DeleteAsync(session, cancellationToken))
        {
            return false;
        }

        Record(action, session, actor, reason);
        return true;
    }

    private ApiProblemException NothingToEnd(TailscalePeer peer, string? role) => new(peer.Rules.Items.Count == 0 && peer.Rules.Error is null
        ? ApiProblems.Refused(TailscaleRefusals.NoRule(peer, tailscale.Value.CapName))
        : ApiProblems.NothingToSignOut(peer.LoginName, role));

    private void Record(string action, TkaSignin session, TailscalePeer actor, string? reason) =>
        audit.Record(new AuditRecord(action, AuditOutcomes.Ended, session.Spec.Username)
        {
            Node = actor.NodeName,
            NodeId = actor.NodeStableId,
            Session = session.Metadata.Name,
            Role = session.Spec.Role,
            Namespaces = session.Spec.Namespaces,
            Until = time.GetUtcNow(),
            Reason = reason,
        });
}
