using System.Collections.Concurrent;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>What a token check found: the user, or why there is none.</summary>
/// <param name="User">Null when the token is refused.</param>
/// <param name="Audiences">Those asked for that the token also names.</param>
/// <param name="Error">For TokenReview; never shown to the bearer.</param>
internal sealed record TokenCheck(UserInfo? User, IReadOnlyList<string> Audiences, string Error);

/// <summary>
/// Issues ServiceAccount tokens and checks them against the live ServiceAccount. When the ServiceAccount
/// is deleted, or deleted and created again with another UID, its tokens are refused. Expiry has no leeway here, where the
/// real server grants a minute.
/// </summary>
internal sealed class ServiceAccountTokens(ObjectStore objects, TimeProvider time) : IDisposable
{
    /// <summary>Issuer, and the audience of tokens for the API server itself: the default of kubeadm clusters.</summary>
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    // How long an account being deleted still authenticates, as documented for the real server.
    private static readonly TimeSpan DeletionLeeway = TimeSpan.FromSeconds(60);
    private const int CacheLimit = 4096;

    private readonly TokenSigningKey _key = new();
    private readonly ConcurrentDictionary<string, ServiceAccountClaims> _verified = new(StringComparer.Ordinal);

    /// <summary>Audiences the API server accepts on requests.</summary>
    public static IReadOnlyList<string> ServerAudiences { get; } = [Issuer];

    /// <summary>Signs a token for a ServiceAccount that exists.</summary>
    public (string Token, DateTimeOffset Expires) Issue(JsonObject serviceAccount, IReadOnlyList<string> audiences, TimeSpan lifetime)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var claims = new ServiceAccountClaims(
            Issuer,
            audiences,
            now,
            now,
            now + lifetime,
            Guid.NewGuid().ToString(),
            serviceAccount.Namespace(),
            serviceAccount.Name(),
            serviceAccount.Text("metadata", "uid"));
        return (_key.Sign(claims.ToJson()), claims.Expires);
    }

    /// <summary>Checks signature, issuer, times, audience and the ServiceAccount.</summary>
    public TokenCheck Check(string token, IReadOnlyList<string> audiences)
    {
        if (Read(token) is not { } claims)
        {
            return Refused("invalid bearer token");
        }

        var now = time.GetUtcNow();
        if (now < claims.NotBefore)
        {
            return Refused("[invalid bearer token, service account token is not valid yet]");
        }

        if (now >= claims.Expires)
        {
            return Refused("[invalid bearer token, service account token has expired]");
        }

        if (!IsLive(claims, now))
        {
            return Refused("[invalid bearer token, service account token has been invalidated]");
        }

        string[] shared = [.. claims.Audiences.Intersect(audiences, StringComparer.Ordinal)];
        return shared.Length > 0
            ? new TokenCheck(claims.ToUser(), shared, "")
            : Refused($"[invalid bearer token, token audiences {Quote(claims.Audiences)} is invalid for the target audiences {Quote(audiences)}]");
    }

    public void Dispose() => _key.Dispose();

    private ServiceAccountClaims? Read(string token)
    {
        // Verifying the signature is slow and its result never changes. Everything else is checked on every request.
        if (_verified.TryGetValue(token, out var known))
        {
            return known;
        }

        if (_key.Verify(token) is not { } json || ServiceAccountClaims.FromJson(json) is not { Issuer: Issuer } claims)
        {
            return null;
        }

        if (_verified.Count >= CacheLimit)
        {
            _verified.Clear();
        }

        _verified[token] = claims;
        return claims;
    }

    private bool IsLive(ServiceAccountClaims claims, DateTimeOffset now)
    {
        if (objects.Get("", "serviceaccounts", claims.Namespace, claims.Name) is not { } account || account.Text("metadata", "uid") != claims.Uid)
        {
            return false;
        }

        return Timestamps.Parse(account.Text("metadata", "deletionTimestamp")) is not { } deleted || deleted + DeletionLeeway >= now;
    }

    private static TokenCheck Refused(string error) => new(null, [], error);

    private static string Quote(IEnumerable<string> audiences) => $"[{string.Join(' ', audiences.Select(audience => $"\"{audience}\""))}]";
}
