using System.Net;

namespace TKA.Tailscale.LocalApi;

/// <summary>The part of tailscaled's LocalAPI that TKA uses. Every method throws <see cref="LocalApiException"/> when tailscaled cannot or will not answer.</summary>
public interface ILocalApiClient
{
    /// <summary>
    /// Asks who is at the other end of an accepted TCP connection. In userspace networking that end is a loopback
    /// address which only tailscaled can resolve, so the port matters.
    /// </summary>
    /// <param name="remote">Remote address and port of the accepted socket. IPv4-mapped addresses are unmapped.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns><see langword="null"/> when tailscaled knows no such peer.</returns>
    Task<WhoIsResponse?> WhoIsAsync(IPEndPoint remote, CancellationToken cancellationToken);

    /// <summary>Asks who owns a tailnet address.</summary>
    /// <param name="address">A tailnet address (100.64.0.0/10 or fd7a:115c:a1e0::/48).</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns><see langword="null"/> when no node has it.</returns>
    Task<WhoIsResponse?> WhoIsAsync(IPAddress address, CancellationToken cancellationToken);

    /// <summary>State of the local node, and of its peers when asked for.</summary>
    /// <param name="peers">Whether to include all peers; costs about 1.5 kB each.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<TailscaleStatus> StatusAsync(bool peers, CancellationToken cancellationToken);

    /// <summary>
    /// Gets a certificate for one of <see cref="TailscaleStatus.CertDomains"/>. Blocks for up to a minute while
    /// tailscaled talks to the ACME server.
    /// </summary>
    /// <param name="domain">DNS name without trailing dot.</param>
    /// <param name="minValidity">A cached certificate with less left is renewed first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<CertificatePem> CertPairAsync(string domain, TimeSpan minValidity, CancellationToken cancellationToken);

    /// <summary>What <c>tailscale serve</c> and Funnel are set up to do.</summary>
    /// <returns><see langword="null"/> when nothing is.</returns>
    Task<ServeConfig?> ServeConfigAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Opens a TCP connection to a node of the tailnet through tailscaled, which works in userspace networking as well. Only this
    /// process can use it, unlike a SOCKS proxy of tailscaled, which would put the whole host on the tailnet.
    /// </summary>
    /// <param name="host">Address or name of the node.</param>
    /// <param name="port">Port there.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The connection.</returns>
    Task<Stream> DialAsync(string host, int port, CancellationToken cancellationToken);

    /// <summary>
    /// Follows tailscaled's own state until it goes away. Not a signal for changed grants: since tailscaled 1.100
    /// no notification carries those.
    /// </summary>
    IAsyncEnumerable<IpnNotification> WatchIpnBusAsync(IpnBusEvents events, CancellationToken cancellationToken);
}
