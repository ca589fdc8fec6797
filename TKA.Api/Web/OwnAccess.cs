using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Web;

/// <summary>The caller's sessions, by the services of the REST API.</summary>
internal sealed class OwnAccess(LoginService login, LogoutService logout, SessionQuery query, ClusterTime time)
{
    // A session is ready after some 50 ms; after this long the page shows that it is being set up.
    private static readonly TimeSpan ReadyWait = TimeSpan.FromSeconds(5);

    /// <summary>The caller's sessions: the base session first, then the others by role.</summary>
    public IReadOnlyList<SessionResponse> List(TailscalePeer peer) =>
        [.. query.AllOwn(peer).Select(own => SessionView.Response(own.Session!, time.GetUtcNow(), own.State))];

    /// <summary>Signs in and waits until the session is ready, within reason.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">One of the granted roles; empty: the one that wins.</param>
    /// <param name="period">Go duration; empty: what the grant gives.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task SignInAsync(TailscalePeer peer, string? role, string? period, CancellationToken cancellationToken)
    {
        var session = await login.ExecuteAsync(peer, new LoginRequest { Role = role, Period = period }, cancellationToken);
        await query.OwnAsync(peer, session.Role, ReadyWait, cancellationToken);
    }

    /// <summary>Signs out of one role or of all.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">Role of the session; empty: the base session.</param>
    /// <param name="all">Whether all sessions are meant.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task SignOutAsync(TailscalePeer peer, string? role, bool all, CancellationToken cancellationToken) =>
        all ? logout.AllOwnAsync(peer, cancellationToken) : logout.OwnAsync(peer, role, cancellationToken);
}
