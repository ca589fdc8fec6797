using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Problems;
using TKA.Api.Telemetry;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Sessions;

/// <summary>
/// Signs a person in: creates the session or renews it. However often and however concurrently it is asked, there is one
/// session of the role at the end, as the last grant says.
/// </summary>
internal sealed class LoginService(
    SessionRepository sessions,
    SessionLocks locks,
    LoginPolicy policy,
    IOptions<ApiOptions> options,
    AuditLog audit,
    LoginOutcomes outcomes,
    ApiMetrics metrics,
    ClusterTime time)
{
    private const int MaxAttempts = 8;

    // A session this near its end may already be in the operator's hands; a renewal could lose the race.
    private static readonly TimeSpan EndMargin = TimeSpan.FromSeconds(2);

    /// <summary>Signs in.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="requested">What the caller asks for.</param>
    /// <param name="cancellationToken">Ends the wait; the session may have been asked for by then.</param>
    /// <exception cref="ApiProblemException">Refused, or not possible now.</exception>
    /// <exception cref="KubernetesRequestException">The cluster failed.</exception>
    public async Task<SessionResponse> ExecuteAsync(TailscalePeer peer, LoginRequest? requested, CancellationToken cancellationToken)
    {
        SessionRequest? request = null;
        try
        {
            request = policy.Decide(peer, requested);
            var session = await EnsureAsync(request, cancellationToken);
            metrics.LoginAttempt(request.Role, AuditOutcomes.Granted);
            metrics.Signin(request.Role);
            var record = Record(peer, request, AuditOutcomes.Requested, null, session);
            outcomes.Follow(session, record);
            return SessionView.Response(session, time.GetUtcNow());
        }
        catch (ApiProblemException exception)
        {
            var outcome = exception.Problem.Status >= StatusCodes.Status500InternalServerError ? AuditOutcomes.Failed : AuditOutcomes.Refused;
            metrics.LoginAttempt(request?.Role ?? ApiMetrics.NoRole, outcome);
            Record(peer, request, outcome, exception.Problem.Kind, null);
            throw;
        }
        catch (KubernetesRequestException exception)
        {
            metrics.LoginAttempt(request?.Role ?? ApiMetrics.NoRole, AuditOutcomes.Failed);
            Record(peer, request, AuditOutcomes.Failed, exception.Error.ToString(), null);
            throw;
        }
    }

    private async Task<TkaSignin> EnsureAsync(SessionRequest request, CancellationToken cancellationToken)
    {
        // One turn for all sessions of a person: a role may move from a session beside the base into the base.
        using var turn = await locks.EnterAsync(SessionNames.UserSlug(request.Username), cancellationToken);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (name, current) = Find(request);
            if (current is not null && IsEnding(current))
            {
                await EndAsync(current, cancellationToken);
                current = null;
            }

            if (SessionNames.IsBase(name) && sessions.FindBeside(request.Username, request.Role) is { } beside)
            {
                // The key of a session is person and role: the base takes over the role, so the one beside it ends first.
                await EndAsync(beside, cancellationToken);
            }

            try
            {
                if (current is not null)
                {
                    return await sessions.ReplaceAsync(SigninFactory.Renewed(current, request, time.GetUtcNow()), cancellationToken);
                }

                RequireFewerThanLimit(request);
                return await sessions.CreateAsync(SigninFactory.New(name, request, sessions.Namespace, time.GetUtcNow()), cancellationToken);
            }
            catch (KubernetesRequestException exception) when (IsCacheBehind(exception, current))
            {
                // Another replica, or an administrator, created, changed or ended the session. Read it again and decide again.
                await sessions.RefreshAsync(name, cancellationToken);
            }
        }

        throw new ApiProblemException(ApiProblems.SessionContended);
    }

    /// <summary>Which session a login means: the base, if its role or the winning rule's is asked for; otherwise the one of the role beside it.</summary>
    private (string Name, TkaSignin? Current) Find(SessionRequest request)
    {
        var known = sessions.FindBase(request.Username);
        return request.IsWinner || (known.StateAt(time.GetUtcNow()) != SessionState.Over && known!.Spec.Role == request.Role)
            ? (SessionNames.ForLogin(request.Username), known)
            : (SessionNames.ForRole(request.Username, request.Role), sessions.FindBeside(request.Username, request.Role));
    }

    // 404 to a create means that the resource type or the namespace is missing, which reading again does not change.
    private static bool IsCacheBehind(KubernetesRequestException exception, TkaSignin? current) => exception.Error switch
    {
        KubernetesError.AlreadyExists => true,
        KubernetesError.Conflict => true,
        KubernetesError.NotFound => current is not null,
        _ => false,
    };

    private void RequireFewerThanLimit(SessionRequest request)
    {
        var now = time.GetUtcNow();
        var roles = sessions.OfPerson(request.Username).Where(session => session.StateAt(now) != SessionState.Over).Select(session => session.Spec.Role).ToArray();
        if (roles.Length >= ApiRoutes.MaxSessionsPerPerson)
        {
            throw new ApiProblemException(ApiProblems.TooManySessions(roles));
        }
    }

    private bool IsEnding(TkaSignin session)
    {
        var now = time.GetUtcNow();
        return session.StateAt(now) == SessionState.Over || SessionWindow.Of(session, now).IsOver(now + EndMargin);
    }

    /// <summary>
    /// A new session starts only when the rights and tokens of the old one are gone: it gets a new ServiceAccount, so that
    /// old tokens stay dead. The operator's last act on the old session is to let the object go; the watch tells.
    /// </summary>
    private async Task EndAsync(TkaSignin session, CancellationToken cancellationToken)
    {
        if (session.Metadata.DeletionTimestamp is null)
        {
            await sessions.DeleteAsync(session, cancellationToken);
        }

        var uid = session.Metadata.Uid;
        var remaining = await sessions.WaitForAsync(session.Metadata.Name, now => now is null || now.Metadata.Uid != uid, options.Value.EndingTimeout, cancellationToken);
        if (remaining?.Metadata.Uid == uid)
        {
            throw new ApiProblemException(ApiProblems.SessionEnding);
        }
    }

    private AuditRecord Record(TailscalePeer peer, SessionRequest? request, string outcome, string? reason, TkaSignin? session)
    {
        var record = new AuditRecord(AuditActions.Login, outcome, peer.LoginName)
        {
            Node = peer.NodeName,
            NodeId = peer.NodeStableId,
            Session = session?.Metadata.Name ?? SessionNames.ForLogin(peer.LoginName),
            Role = request?.Role,
            Namespaces = request?.Namespaces,
            Until = session is null ? null : SessionWindow.Of(session, time.GetUtcNow()).End,
            Reason = reason,
        };
        audit.Record(record);
        return record;
    }
}
