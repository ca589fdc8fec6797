using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Problems;
using TKA.Api.Telemetry;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Sessions;

/// <summary>
/// Signs a person in: creates the session or renews it. However often and however concurrently it is asked, there is one
/// session at the end, as the last grant says.
/// </summary>
internal sealed class SignIn(
    SessionStore sessions,
    SessionLocks locks,
    RuleChoice choice,
    IOptions<ApiOptions> options,
    IOptions<OperatorOptions> names,
    AuditLog audit,
    ApiMetrics metrics,
    ClusterTime time)
{
    private const int MaxAttempts = 8;

    // A session this near its end may already be in the operator's hands; a renewal could lose the race.
    private static readonly TimeSpan EndMargin = TimeSpan.FromSeconds(2);

    /// <summary>Signs in.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="wish">What the caller asks for.</param>
    /// <param name="cancellationToken">Ends the wait; the session may have been asked for by then.</param>
    /// <exception cref="ApiProblemException">Refused, or not possible now.</exception>
    /// <exception cref="KubernetesRequestException">The cluster failed.</exception>
    public async Task<SessionResponse> ExecuteAsync(TailscalePeer peer, LoginRequest? wish, CancellationToken cancellationToken)
    {
        SessionRequest? request = null;
        try
        {
            request = choice.Decide(peer, wish);
            var session = await EnsureAsync(request, cancellationToken);
            metrics.LoginAttempt(request.Role, AuditOutcomes.Granted);
            metrics.Signin(request.Role);
            Record(peer, request, AuditOutcomes.Granted, null, session);
            return SessionView.Response(session);
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
        using var turn = await locks.EnterAsync(SessionNames.ForLogin(request.Username), cancellationToken);
        var current = sessions.Find(request.Username);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (current is not null && IsEnding(current))
            {
                await WaitUntilGoneAsync(current, cancellationToken);
                current = null;
            }

            try
            {
                return current is null
                    ? await sessions.CreateAsync(SessionObject.New(request, names.Value.Namespace, time.GetUtcNow()), cancellationToken)
                    : await sessions.ReplaceAsync(SessionObject.Renewed(current, request, time.GetUtcNow()), cancellationToken);
            }
            catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.AlreadyExists or KubernetesError.Conflict or KubernetesError.NotFound && CanBeSettled(exception, current))
            {
                // The cache was behind: somebody else created, changed or ended the session. Look and decide anew.
                current = await FreshAsync(request, current, cancellationToken);
            }
        }

        throw new ApiProblemException(ApiProblems.SessionContended);
    }

    // 404 to a create means that the resource type or the namespace is missing, which no second look cures.
    private static bool CanBeSettled(KubernetesRequestException e, TkaSignin? current) =>
        e.Error != KubernetesError.NotFound || current is not null;

    private async Task<TkaSignin?> FreshAsync(SessionRequest request, TkaSignin? current, CancellationToken cancellationToken)
    {
        var known = current ?? SessionObject.New(request, names.Value.Namespace, time.GetUtcNow());
        var fresh = await sessions.RefreshAsync(known, cancellationToken);
        return fresh is null || SessionStore.IsOwnedBy(fresh, request.Username)
            ? fresh
            : throw new ApiProblemException(ApiProblems.NameCollision(request.Username));
    }

    private bool IsEnding(TkaSignin session) =>
        session.Metadata.DeletionTimestamp is not null
        || SessionView.Until(session) is not { } until
        || until <= time.GetUtcNow() + EndMargin;

    /// <summary>
    /// A new session starts only when the rights and tokens of the old one are gone: it gets a new ServiceAccount, so that
    /// old tokens stay dead. The operator's last act on the old session is to let the object go; the watch tells.
    /// </summary>
    private async Task WaitUntilGoneAsync(TkaSignin session, CancellationToken cancellationToken)
    {
        if (session.Metadata.DeletionTimestamp is null)
        {
            await sessions.DeleteAsync(session, cancellationToken);
        }

        var uid = session.Metadata.Uid;
        var left = await sessions.WaitForAsync(session.Metadata.Name, now => now is null || now.Metadata.Uid != uid, options.Value.EndingTimeout, cancellationToken);
        if (left?.Metadata.Uid == uid)
        {
            throw new ApiProblemException(ApiProblems.SessionEnding);
        }
    }

    private void Record(TailscalePeer peer, SessionRequest? request, string outcome, string? reason, TkaSignin? session) =>
        audit.Record(new AuditRecord(AuditActions.Login, outcome, peer.LoginName)
        {
            Node = peer.NodeName,
            NodeId = peer.NodeStableId,
            Session = session?.Metadata.Name ?? SessionNames.ForLogin(peer.LoginName),
            Role = request?.Role,
            Namespaces = request?.Namespaces,
            Until = session is null ? null : SessionView.Until(session),
            Reason = reason,
        });
}
