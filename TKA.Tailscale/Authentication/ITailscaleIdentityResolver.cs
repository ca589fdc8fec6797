using System.Net;

namespace TKA.Tailscale.Authentication;

/// <summary>Asks tailscaled who somebody is. Nothing is cached here: see <see cref="ITailnetConnectionFeature"/>.</summary>
public interface ITailscaleIdentityResolver
{
    /// <summary>Who is at the other end of an accepted connection. Never throws for faults of tailscaled.</summary>
    /// <param name="remote">Remote ip:port of the accepted socket, taken from the transport.</param>
    /// <param name="wasKnown">Whether this very connection was a known peer's when last asked; then no limit applies.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<TailscaleIdentity> ResolveConnectionAsync(IPEndPoint remote, bool wasKnown, CancellationToken cancellationToken);

    /// <summary>Who has a tailnet address, for requests that tailscaled itself forwards. Never throws for faults of tailscaled.</summary>
    Task<TailscaleIdentity> ResolveAddressAsync(IPAddress address, CancellationToken cancellationToken);

    /// <summary>
    /// What a node seen earlier may do now, to follow its grants while a session lives. A transient refusal
    /// (<see cref="TailscaleRefusal.IsTransient"/>) says nothing about the grants.
    /// </summary>
    /// <param name="address">One of its tailnet addresses.</param>
    /// <param name="stableId">Its stable id; another node at that address is <see cref="TailscaleRefusalReason.UnknownPeer"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<TailscaleIdentity> ResolveNodeAsync(IPAddress address, string stableId, CancellationToken cancellationToken);
}
