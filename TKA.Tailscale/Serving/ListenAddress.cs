using System.Net;
using System.Net.Sockets;

namespace TKA.Tailscale.Serving;

/// <summary>Which addresses TKA may be served on.</summary>
public static class ListenAddress
{
    private static readonly IPNetwork TailnetV4 = IPNetwork.Parse("100.64.0.0/10");
    private static readonly IPNetwork TailnetV6 = IPNetwork.Parse("fd7a:115c:a1e0::/48");

    /// <summary>Whether an address is one that Tailscale gives to nodes.</summary>
    public static bool IsTailnet(IPAddress address) => TailnetV4.Contains(address) || TailnetV6.Contains(address);

    /// <summary>
    /// Checks a configured address.
    /// </summary>
    /// <returns>The error in words, key and fix included; <see langword="null"/> when it may be served on.</returns>
    public static string? Check(string text, bool allowAny)
    {
        if (text == TailnetListenerOptions.Tailnet)
        {
            return null;
        }

        if (!IPAddress.TryParse(text, out var address))
        {
            return $"server.address is \"{text}\", which is no IP address. Use 127.0.0.1 beside a tailscale sidecar, or 'tailnet' with a TUN device.";
        }

        if (allowAny)
        {
            return null;
        }

        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            return $"server.address is \"{text}\": that would serve every network of this machine. Use 127.0.0.1 or 'tailnet', or set server.allowAnyAddress if something else shields this server.";
        }

        if (IPAddress.IsLoopback(address))
        {
            // tailscaled dials 127.0.0.1, whichever family the peer used.
            return address.AddressFamily == AddressFamily.InterNetwork
                ? null
                : $"server.address is \"{text}\": that is never reached: tailscaled forwards to IPv4 loopback. Use 127.0.0.1.";
        }

        return IsTailnet(address)
            ? null
            : $"server.address is \"{text}\": that is neither loopback nor a tailnet address. Use 127.0.0.1 or 'tailnet', or set server.allowAnyAddress if something else shields this server.";
    }
}
