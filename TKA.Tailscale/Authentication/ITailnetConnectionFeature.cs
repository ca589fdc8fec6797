using System.Net;

namespace TKA.Tailscale.Authentication;

/// <summary>
/// Marks a connection that a tailnet listener accepted, and knows who is at its other end. Lives on the transport
/// connection, out of reach of anything that rewrites <c>HttpContext.Connection</c>.
/// </summary>
public interface ITailnetConnectionFeature
{
    /// <summary>Remote ip:port of the accepted socket.</summary>
    IPEndPoint Remote { get; }

    /// <summary>
    /// Who is there. An answer is reused for <see cref="TailscaleOptions.WhoIsCache"/> on this connection only, and dies
    /// with it: in userspace networking the next connection from this ip:port may be somebody else's.
    /// </summary>
    ValueTask<TailscaleIdentity> IdentifyAsync(CancellationToken cancellationToken);
}
