using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Grants;
using TKA.Api.OperatorTokens;
using TKA.Api.Problems;
using TKA.Api.Telemetry;
using TKA.Contracts.Operator;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Sessions;

/// <summary>A credential, or a session that has none yet.</summary>
/// <param name="Session">The session.</param>
/// <param name="Token">The token; <see langword="null"/> while the session is pending.</param>
/// <param name="Expires">The earlier of the token's own expiry and the session's end.</param>
internal sealed record Credential(TkaSignin Session, string? Token, DateTimeOffset Expires);

/// <summary>Hands out tokens of ready sessions, for as long as the grant holds.</summary>
internal sealed class Credentials(
    SessionQuery query,
    OperatorTokenClient tokens,
    GrantEnforcer enforcer,
    AuditLog audit,
    ApiMetrics metrics,
    IOptions<ApiOptions> options,
    ClusterTime time,
    IHostApplicationLifetime lifetime)
{
    /// <summary>A token for the caller's session of one role, as soon as it is ready or the time is up.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">Role of the session; <see langword="null"/>: the base session.</param>
    /// <param name="wait">How long to wait for the session to be ready.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiProblemException">Not signed in, refused, or the operator cannot be asked.</exception>
    public async Task<Credential> IssueAsync(TailscalePeer peer, string? role, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            var credential = await WaitAndIssueAsync(peer, role, wait, cancellationToken);
            metrics.TokenRequest(credential.Token is null ? "pending" : "issued");
            return credential;
        }
        catch (ApiProblemException exception)
        {
            var failed = exception.Problem.Status >= StatusCodes.Status500InternalServerError;
            metrics.TokenRequest(failed ? "failed" : "refused");
            audit.Record(new AuditRecord(AuditActions.Token, failed ? AuditOutcomes.Failed : AuditOutcomes.Refused, peer.LoginName)
            {
                Node = peer.NodeName,
                NodeId = peer.NodeStableId,
                Role = role,
                Reason = exception.Problem.Kind,
            });
            throw;
        }
        catch (KubernetesRequestException)
        {
            metrics.TokenRequest("failed");
            throw;
        }
    }

    private async Task<Credential> WaitAndIssueAsync(TailscalePeer peer, string? role, TimeSpan wait, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        if (wait > TimeSpan.Zero && await AskAheadAsync(peer, role, cancellationToken) is { } early)
        {
            return early;
        }

        while (true)
        {
            var (session, state) = await query.OwnAsync(peer, role, Remaining(), cancellationToken);
            if (session is null || state == SessionState.Over)
            {
                throw new ApiProblemException(ApiProblems.NotSignedIn(peer.LoginName, role));
            }

            if (state == SessionState.Rejected)
            {
                throw new ApiProblemException(SessionQuery.Rejection(session));
            }

            if (state == SessionState.Pending || await FollowGrantAsync(peer, session, cancellationToken) == GrantOutcome.Smaller)
            {
                if (Remaining() <= TimeSpan.Zero)
                {
                    return new Credential(session, null, default);
                }

                continue;
            }

            var answer = await AskAsync(session, cancellationToken);
            if (answer is TokenAnswer.Issued { Token: var token })
            {
                return Issued(peer, role, session, token);
            }

            if (answer is not TokenAnswer.NotReady { RetryAfter: var pause })
            {
                throw new ApiProblemException(ApiProblems.NotSignedIn(peer.LoginName, role));
            }

            // The operator's own view is behind the cluster's. It says when to come back; there is nothing to watch.
            var remaining = Remaining();
            if (remaining <= TimeSpan.Zero)
            {
                return new Credential(session, null, default);
            }

            // A delay is cut to whole milliseconds: one more, or the rest of the last one is spent asking again and again.
            await Task.Delay(pause < remaining ? pause : remaining + TimeSpan.FromMilliseconds(1), clock, cancellationToken);
        }

        // A server that stops answers the requests it holds; a client that asks again reaches the next server.
        TimeSpan Remaining() => lifetime.ApplicationStopping.IsCancellationRequested ? TimeSpan.Zero : wait - clock.GetElapsedTime(started);
    }

    /// <summary>
    /// The operator knows first when a session's role is bound, and answers waiting requests at that moment, before it reports the session
    /// ready. So for a session that has just been created it is asked at once; when that gives no token, the request goes on as for any
    /// other session.
    /// </summary>
    private async Task<Credential?> AskAheadAsync(TailscalePeer peer, string? role, CancellationToken cancellationToken)
    {
        var (session, state) = await query.OwnAsync(peer, role, TimeSpan.Zero, cancellationToken);
        if (state != SessionState.Pending
            || !IsFirstOfItsKind(session!)
            || await FollowGrantAsync(peer, session!, cancellationToken) != GrantOutcome.Unchanged)
        {
            return null;
        }

        SessionToken token;
        try
        {
            if (await AskAsync(session!, cancellationToken) is not TokenAnswer.Issued issued)
            {
                return null;
            }

            token = issued.Token;
        }
        catch (ApiProblemException)
        {
            // It is asked again when the session is ready, and then its failure counts.
            return null;
        }

        // A session that was changed or ended meanwhile gets none.
        var (now, current) = await query.OwnAsync(peer, role, TimeSpan.Zero, cancellationToken);
        if (current is not (SessionState.Pending or SessionState.Ready)
            || now!.Metadata.Uid != session!.Metadata.Uid
            || now.Metadata.Generation != session.Metadata.Generation)
        {
            return null;
        }

        if (current == SessionState.Pending)
        {
            query.NoteToken(now);
        }

        return Issued(peer, role, now, token);
    }

    /// <summary>The operator can have no older state of it, whose role or end a token asked for now could be given for.</summary>
    private static bool IsFirstOfItsKind(TkaSignin session) => session is { Status: null, Metadata.Generation: 1 };

    private Task<TokenAnswer> AskAsync(TkaSignin session, CancellationToken cancellationToken) =>
        tokens.RequestAsync(
            session.Metadata.Name, new SessionTokenRequest { Uid = session.Metadata.Uid, Username = session.Spec.Username }, cancellationToken);

    /// <summary>
    /// The caller's rules of this moment are at hand, so a withdrawn grant is noticed before the next recheck. From another device, or
    /// through the API of another installation, the rules say nothing about the session: they must cover it, and change nothing.
    /// </summary>
    private async Task<GrantOutcome> FollowGrantAsync(TailscalePeer peer, TkaSignin session, CancellationToken cancellationToken)
    {
        if (peer.Rules.Error is not null)
        {
            return GrantOutcome.Unchanged;
        }

        if (!session.IsOfDevice(peer.NodeStableId) || !session.IsOfInstallation(options.Value.InstallationId))
        {
            return GrantVerdict.Of(session.Spec, peer.Rules.Items).Outcome == GrantOutcome.Unchanged
                ? GrantOutcome.Unchanged
                : throw new ApiProblemException(ApiProblems.DeviceNotGranted(session.Spec.Role, session.Spec.Node?.Name));
        }

        var outcome = await enforcer.ApplyAsync(
            session, current => GrantVerdict.Of(current.Spec, peer.Rules.Items), "the tailnet policy grants less now", cancellationToken);
        return outcome == GrantOutcome.Gone
            ? throw new ApiProblemException(ApiProblems.GrantGone(session.Spec.Role))
            : outcome;
    }

    private Credential Issued(TailscalePeer peer, string? role, TkaSignin session, SessionToken token)
    {
        var now = time.GetUtcNow();
        var end = SessionWindow.Of(session, now).End;
        var until = end < token.ValidUntil ? end : token.ValidUntil;
        if (until <= now)
        {
            throw new ApiProblemException(ApiProblems.NotSignedIn(peer.LoginName, role));
        }

        var expires = token.ExpirationTimestamp < until ? token.ExpirationTimestamp : until;
        audit.Record(new AuditRecord(AuditActions.Token, AuditOutcomes.Granted, session.Spec.Username)
        {
            Node = peer.NodeName,
            NodeId = peer.NodeStableId,
            Session = session.Metadata.Name,
            Role = session.Spec.Role,
            Namespaces = session.Spec.Namespaces,
            Until = expires,
            CredentialId = JwtPayload.TryRead(token.Token, out var claims) && claims.Id is { } id ? $"JTI={id}" : null,
        });
        return new Credential(session, token.Token, expires);
    }
}
