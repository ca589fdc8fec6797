using System.Net;

namespace TKA.Cli.Client;

/// <summary>
/// The way to the tailnet through tailscaled's own outbound proxy, where it runs in userspace mode and the system knows no route. The server
/// knows people by the device they come from, so a proxy on another machine would be somebody else: only one that is named is used there.
/// </summary>
internal static class TailnetProxy
{
    private static readonly string[] Variables = ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"];

    /// <summary>The proxy that is configured for a server; null: none, or the server is on this machine.</summary>
    /// <param name="server">The server.</param>
    /// <param name="configured">Value of <c>tailscale.proxy</c>.</param>
    public static Uri? For(Uri server, string configured) => !server.IsLoopback && TryParse(configured, out var proxy) ? proxy : null;

    /// <summary>A proxy on this machine that the environment names, for a server whose name does not resolve.</summary>
    public static Uri? FromEnvironment(Uri server) => server.IsLoopback
        ? null
        : Variables.Select(Environment.GetEnvironmentVariable).Select(value => TryParse(value, out var proxy) && proxy.IsLoopback ? proxy : null).FirstOrDefault(proxy => proxy is not null);

    /// <summary>Reads a proxy's URL.</summary>
    public static bool TryParse(string? value, out Uri proxy)
    {
        proxy = null!;
        if (!Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "socks5" or "socks5h") || url.Host.Length == 0 || url.AbsolutePath is not ("/" or ""))
        {
            return false;
        }

        // .NET has the proxy resolve names for socks5, which others call socks5h.
        proxy = url.Scheme == "socks5h" ? new Uri("socks5://" + url.Authority) : url;
        return true;
    }

    /// <summary>The proxy as .NET takes it.</summary>
    public static WebProxy AsWebProxy(Uri proxy) => new(proxy) { BypassProxyOnLocal = false };
}
