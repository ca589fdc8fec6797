using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Contracts.Operator;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Events;

namespace TKA.Operator.Tokens;

/// <summary>Issues tokens for sessions that are in place and not over. Any replica may.</summary>
internal sealed class SessionTokenIssuer(
    KubernetesTransport transport,
    IResourceCache<TkaSignin> signins,
    ResourceClient<V1ServiceAccount> serviceAccounts,
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
        var signin = await FindAsync(new ObjectKey(options.Value.Namespace, name), request, cancellationToken);
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

        if (!signin.IsReady() || !IsWithinBounds(signin, window))
        {
            return new TokenAnswer(TokenRefusal.NotReady, "The session is being set up.");
        }

        return await CreateAsync(signin, window, now, caller, cancellationToken);
    }

    /// <summary>The status can be written by others who hold the right; what the operator may give is checked here as well.</summary>
    private bool IsWithinBounds(TkaSignin signin, SessionWindow window) =>
        options.Value.Roles.Refusal(signin.Spec.Role, signin.Namespaces()) is null && window.Period <= options.Value.MaxPeriod;

    private async Task<TokenAnswer> CreateAsync(TkaSignin signin, SessionWindow window, DateTimeOffset now, string? caller, CancellationToken cancellationToken)
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
            return new TokenAnswer(TokenRefusal.NotReady, "The session's ServiceAccount is being set up again.");
        }

        var serviceAccountUid = signin.Status!.ServiceAccount!.Uid;
        if (!JwtPayload.TryRead(issued.Status.Token, out var payload) || (payload.ServiceAccountUid is { } boundTo && boundTo != serviceAccountUid))
        {
            // The ServiceAccount has been replaced since we looked: the token may be another session's.
            return new TokenAnswer(TokenRefusal.NotReady, "The session has just been replaced.");
        }

        var expires = issued.Status.ExpirationTimestamp is { } stated ? new DateTimeOffset(stated.ToUniversalTime()) : now + lifetime;
        events.Normal(signin, EventReasons.TokenIssued, "a token was issued");
        Log.TokenIssued(
            logger, payload.Id, signin.Metadata.Name, signin.Spec.Username, signin.Spec.Node?.Name, signin.Spec.Role, serviceAccountUid, expires, caller);
        return new TokenAnswer(new SessionToken { Token = issued.Status.Token, ExpirationTimestamp = expires, ValidUntil = window.End });
    }

    /// <summary>The caller may know of the session, or of its being ready, a moment before our watch tells us: wait for that moment.</summary>
    private async Task<TkaSignin?> FindAsync(ObjectKey key, SessionTokenRequest request, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(tokenOptions.Value.ReadyWait);
        try
        {
            return await signins.WaitForAsync(key, signin => signin is not null && IsMeant(signin, request) && IsAnswerable(signin), deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return signins.Get(key);
        }
    }

    private static bool IsMeant(TkaSignin signin, SessionTokenRequest request) =>
        signin.Metadata.Uid == request.Uid && string.Equals(signin.Spec.Username, request.Username, StringComparison.OrdinalIgnoreCase);

    private bool IsAnswerable(TkaSignin signin) =>
        signin.IsReady()
        || signin.Metadata.DeletionTimestamp is not null
        || ConditionReasons.IsRejection(signin.ReadyCondition()?.Reason)
        || SessionWindow.Of(signin, time.GetUtcNow()).IsOver(time.GetUtcNow());
}
