using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using TKA.Contracts.Operator;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;

namespace TKA.Operator.Tokens.Authentication;

/// <summary>Asks the cluster whose token it is, and believes a good answer for a short while, never past the token's own end.</summary>
internal sealed class TokenReviewer
{
    private const int MaxCached = 1024;
    private const int MaxTokenLength = 16 * 1024;

    private readonly TokenReviewClient _client;
    private readonly ClusterTime _time;
    private readonly TimeSpan _believe;

    private readonly ReviewBudget _budget = new();
    private readonly ConcurrentDictionary<string, (string User, DateTimeOffset Until)> _known = [];

    // Reviews under way: many requests come with one token, and when it is not known any longer one review serves all of them.
    private readonly ConcurrentDictionary<string, Lazy<Task<string?>>> _asking = [];

    public TokenReviewer(TokenReviewClient client, IOptions<TokenServiceOptions> options, ClusterTime time)
    {
        _client = client;
        _time = time;
        _believe = options.Value.ReviewCache;
    }

    /// <summary>The user a token belongs to, such as <c>system:serviceaccount:tka-system:tka-api</c>; <see langword="null"/> when it is not good for us.</summary>
    /// <param name="token">The token.</param>
    /// <param name="from">Where it came from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KubernetesRequestException">The cluster could not be asked.</exception>
    public async Task<string?> UserOfAsync(string token, IPAddress? from, CancellationToken cancellationToken)
    {
        if (token.Length > MaxTokenLength || !JwtPayload.TryRead(token, out var payload) || !payload.Audiences.Contains(OperatorRoutes.Audience))
        {
            // Not even claims to be for us: no need to ask.
            return null;
        }

        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_known.TryGetValue(key, out var known) && known.Until > _time.GetUtcNow())
        {
            return known.User;
        }

        // Not cancelled by the one that happens to be the first. The client has a timeout.
        var review = new Lazy<Task<string?>>(() => ReviewAsync(key, token, payload.Expires, from));
        var shared = _asking.GetOrAdd(key, review);
        try
        {
            return await shared.Value.WaitAsync(cancellationToken);
        }
        finally
        {
            if (shared == review)
            {
                _asking.TryRemove(key, out _);
            }
        }
    }

    private async Task<string?> ReviewAsync(string key, string token, DateTimeOffset? expires, IPAddress? from)
    {
        if (!_budget.TryTake(from))
        {
            throw new KubernetesRequestException(KubernetesError.Throttled, "Too many unknown callers.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        var status = await _client.ReviewAsync(token, [OperatorRoutes.Audience], CancellationToken.None);
        if (status is not { Authenticated: true, User.Username: { Length: > 0 } user } || status.Audiences?.Contains(OperatorRoutes.Audience) != true)
        {
            return null;
        }

        Remember(key, user, expires);
        return user;
    }

    private void Remember(string key, string user, DateTimeOffset? expires)
    {
        var now = _time.GetUtcNow();
        var until = now + _believe;
        if (expires < until)
        {
            until = expires.Value;
        }

        if (until <= now)
        {
            return;
        }

        if (_known.Count >= MaxCached)
        {
            foreach (var (other, value) in _known)
            {
                if (value.Until <= now)
                {
                    _known.TryRemove(other, out _);
                }
            }
        }

        if (_known.Count < MaxCached)
        {
            _known[key] = (user, until);
        }
    }
}
