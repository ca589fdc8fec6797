using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Contracts.Operator;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Sessions.Events;

namespace TKA.Operator.Tokens;

/// <summary>
/// Issues tokens for sessions that are in place and not over. Any replica may. The one that is giving a session its access requests the
/// token while the role is being bound, and hands it out when that is done: a token without its binding opens nothing, and is dropped.
/// </summary>
internal sealed class SessionTokenIssuer(
    KubernetesTransport transport,
    IResourceCache<TkaSignin> signins,
    ResourceClient<V1ServiceAccount> serviceAccounts,
    ProvisioningProgress progress,
    EventRecorder events,
    IOptions<OperatorOptions> options,
    IOptions<TokenServiceOptions> tokenOptions,
    ClusterTime time,
    ILogger<SessionTokenIssuer> logger)
{
    /// <summary>Issues a token.</summary>
    /// <param name="name">Name of the session.</param>
    /// <param name="request">Which session the caller has in mind.</param>
    /// <param name="caller">Who asks, for audit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KubernetesRequestException">The cluster could not be asked.</exception>
    public async Task<TokenAnswer> IssueAsync(string name, SessionTokenRequest request, string? caller, CancellationToken cancellationToken)
    {
        await transport.SettleTimeAsync(cancellationToken);
        var key = new ObjectKey(options.Value.Namespace, name);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(tokenOptions.Value.ReadyWait);
        var provisioning = await FindAsync(key, request, deadline.Token);
        cancellationToken.ThrowIfCancellationRequested();
        var signin = provisioning?.Signin ?? signins.Get(key);
        if (signin is null || !IsMeant(signin, request))
        {
            return new TokenAnswer(TokenRefusal.NotFound, "There is no such session.");
        }

        var now = time.GetUtcNow();
        var window = SessionWindow.Of(signin, now);
        if (signin.Metadata.DeletionTimestamp is not null || window.IsOver(now))
        {
            return new TokenAnswer(TokenRefusal.Over, "The session is over.");
        }

        if (signin.ReadyCondition() is { Status: "False" } refused && ConditionReasons.IsRejection(refused.Reason))
        {
            return new TokenAnswer(TokenRefusal.Rejected, $"{refused.Reason}: {refused.Message}");
        }

        var serviceAccountUid = provisioning is not null ? provisioning.Account.Metadata.Uid : signin.IsReady() ? signin.Status!.ServiceAccount!.Uid : null;
        if (serviceAccountUid is null || !IsWithinBounds(signin, window))
        {
            return NotReady("The session is being set up.");
        }

        var issued = await RequestAsync(signin, window, now, cancellationToken);
        if (issued is null)
        {
            return NotReady("The session's ServiceAccount is being set up again.");
        }

        if (!JwtPayload.TryRead(issued.Token, out var payload) || (payload.ServiceAccountUid is { } boundTo && boundTo != serviceAccountUid))
        {
            // The ServiceAccount has been replaced since we looked: the token may be another session's.
            return NotReady("The session has just been replaced.");
        }

        if (provisioning is not null && !await IsBoundAsync(provisioning, key, deadline.Token))
        {
            return NotReady("The session is being set up.");
        }

        events.Normal(signin, EventReasons.TokenIssued, "a token was issued");
        Log.TokenIssued(
            logger, payload.Id, name, signin.Spec.Username, signin.Spec.Node?.Name, signin.Spec.Role, serviceAccountUid, issued.ExpirationTimestamp, caller);
        return new TokenAnswer(issued);
    }

    private static TokenAnswer NotReady(string explanation) => new(TokenRefusal.NotReady, explanation);

    /// <summary>The status can be written by others who hold the right; what the operator may give is checked here as well.</summary>
    private bool IsWithinBounds(TkaSignin signin, SessionWindow window) =>
        options.Value.Roles.Refusal(signin.Spec.Role, signin.Namespaces()) is null && window.Period <= options.Value.MaxPeriod;

    /// <returns><see langword="null"/>: there is no such ServiceAccount now.</returns>
    private async Task<SessionToken?> RequestAsync(TkaSignin signin, SessionWindow window, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var lifetime = TimeSpan.FromSeconds(Math.Ceiling((window.End - now).TotalSeconds));
        if (lifetime < TkaSigninResource.MinimumPeriod)
        {
            // Kubernetes issues none for less. It dies with the ServiceAccount at the session's end all the same.
            lifetime = TkaSigninResource.MinimumPeriod;
        }

        Authenticationv1TokenRequest issued;
        try
        {
            issued = await serviceAccounts.CreateSubresourceAsync(
                signin.Metadata.Name,
                "token",
                new Authenticationv1TokenRequest
                {
                    ApiVersion = "authentication.k8s.io/v1",
                    Kind = "TokenRequest",
                    Metadata = new V1ObjectMeta(),
                    Spec = new V1TokenRequestSpec { Audiences = [.. tokenOptions.Value.Audiences ?? []], ExpirationSeconds = (long)lifetime.TotalSeconds },
                },
                cancellationToken);
        }
        catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.NotFound or KubernetesError.Conflict)
        {
            return null;
        }

        var expires = issued.Status.ExpirationTimestamp is { } stated ? new DateTimeOffset(stated.ToUniversalTime()) : now + lifetime;
        return new SessionToken { Token = issued.Status.Token, ExpirationTimestamp = expires, ValidUntil = window.End };
    }

    /// <summary>
    /// The caller may know of the session, or of its being ready, a moment before our watch tells us: wait for that moment, or for the pass
    /// that gives the session its access here.
    /// </summary>
    /// <returns>The pass; <see langword="null"/>: the status tells, or the time is up.</returns>
    private async Task<Provisioning?> FindAsync(ObjectKey key, SessionTokenRequest request, CancellationToken deadline)
    {
        if (IsAnswerable(signins.Get(key), request))
        {
            return null;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var answerable = signins.WaitForAsync(key, signin => IsAnswerable(signin, request), either.Token);
        var provisioning = progress.WaitForAsync(request.Uid, either.Token);
        var first = await Task.WhenAny(answerable, provisioning);
        await either.CancelAsync();
        return first == provisioning && provisioning.IsCompletedSuccessfully ? await provisioning : null;
    }

    /// <summary>Whether the role is bound by now, and for what the session still is.</summary>
    private async Task<bool> IsBoundAsync(Provisioning provisioning, ObjectKey key, CancellationToken deadline)
    {
        try
        {
            return await provisioning.Bound.WaitAsync(deadline)
                && signins.Get(key) is { Metadata: { DeletionTimestamp: null } now }
                && now.Uid == provisioning.Signin.Metadata.Uid
                && now.Generation == provisioning.Signin.Metadata.Generation;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static bool IsMeant(TkaSignin signin, SessionTokenRequest request) =>
        signin.Metadata.Uid == request.Uid && string.Equals(signin.Spec.Username, request.Username, StringComparison.OrdinalIgnoreCase);

    private bool IsAnswerable(TkaSignin? signin, SessionTokenRequest request) =>
        signin is not null
        && IsMeant(signin, request)
        && (signin.IsReady()
            || signin.Metadata.DeletionTimestamp is not null
            || ConditionReasons.IsRejection(signin.ReadyCondition()?.Reason)
            || SessionWindow.Of(signin, time.GetUtcNow()).IsOver(time.GetUtcNow()));
}
