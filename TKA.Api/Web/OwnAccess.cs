using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Web;

/// <summary>The caller's sessions, by the services of the REST API.</summary>
internal sealed class OwnAccess(SignIn signIn, SignOut signOut, SessionQuery query)
{
    // A session is ready after some 50 ms; after this long the page shows that it is being set up.
    private static readonly TimeSpan ReadyWait = TimeSpan.FromSeconds(5);

    /// <summary>The caller's sessions.</summary>
    public async Task<IReadOnlyList<SessionResponse>> ListAsync(TailscalePeer peer, CancellationToken cancellationToken)
    {
        var (session, state) = await query.OwnAsync(peer, TimeSpan.Zero, cancellationToken);
        return state == SessionState.None ? [] : [SessionView.Response(session!, state)];
    }

    /// <summary>Signs in and waits until the session is ready, within reason.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">One of the granted roles; empty: the one that wins.</param>
    /// <param name="period">Go duration; empty: what the grant gives.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task SignInAsync(TailscalePeer peer, string? role, string? period, CancellationToken cancellationToken)
    {
        await signIn.ExecuteAsync(peer, new LoginRequest { Role = role, Period = period }, cancellationToken);
        await query.OwnAsync(peer, ReadyWait, cancellationToken);
    }

    /// <summary>Signs out of one role or of all.</summary>
    public Task SignOutAsync(TailscalePeer peer, string? role, bool all, CancellationToken cancellationToken) =>
        signOut.OwnAsync(peer, cancellationToken);
}
