using Microsoft.Extensions.Options;
using TKA.Api.Problems;
using TKA.Api.Telemetry;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Signins;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Sessions;

/// <summary>Ends sessions: one's own, and for admins anybody's.</summary>
internal sealed class SignOut(
    SessionStore sessions, AuditLog audit, IOptions<TailscaleOptions> tailscale, TimeProvider time)
{
    /// <summary>Ends the caller's own session. Needs no rule: giving up access must not depend on having it.</summary>
    /// <exception cref="ApiProblemException">404: there is none.</exception>
    public async Task<SessionResponse> OwnAsync(TailscalePeer peer, CancellationToken cancellationToken)
    {
        var session = sessions.Find(peer.LoginName);
        if (session is null || session.Metadata.DeletionTimestamp is not null || !await sessions.DeleteAsync(session, cancellationToken))
        {
            throw new ApiProblemException(peer.Rules.Items.Count == 0 && peer.Rules.Error is null
                ? ApiProblems.Refused(TailscaleRefusals.NoRule(peer, tailscale.Value.CapName))
                : ApiProblems.NothingToSignOut(peer.LoginName));
        }

        Record(AuditActions.Logout, session, peer, null);
        return SessionView.Response(session);
    }

    /// <summary>Ends the session of a name.</summary>
    /// <exception cref="ApiProblemException">404: there is none.</exception>
    public async Task ByNameAsync(string name, TailscalePeer admin, CancellationToken cancellationToken)
    {
        var session = sessions.FindByName(name);
        if (session is null || session.Metadata.DeletionTimestamp is not null || !await sessions.DeleteAsync(session, cancellationToken))
        {
            throw new ApiProblemException(ApiProblems.NoSuchSession(name));
        }

        Record(AuditActions.EndSession, session, admin, $"ended by {admin.LoginName}");
    }

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
