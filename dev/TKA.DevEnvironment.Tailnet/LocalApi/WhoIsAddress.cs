using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TKA.DevEnvironment.Tailnet.LocalApi;

/// <summary>The <c>addr</c> parameter of whois: <c>ip</c>, <c>ip:port</c> or <c>[v6]:port</c>.</summary>
internal static class WhoIsAddress
{
    public static bool TryParse(string text, out IPAddress address, out int port)
    {
        port = 0;
        if (TryAddress(text, out address))
        {
            return true;
        }

        var colon = text.LastIndexOf(':');
        return colon > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port <= ushort.MaxValue
            && TryHost(text[..colon], out address);
    }

    private static bool TryHost(string text, out IPAddress address) =>
        text is ['[', .. var inner, ']']
            ? TryAddress(inner, out address) && address.AddressFamily == AddressFamily.InterNetworkV6
            : TryAddress(text, out address) && address.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>.NET also reads <c>127.1</c>, octal and hexadecimal; Go does not.</summary>
    private static bool TryAddress(string text, out IPAddress address) =>
        IPAddress.TryParse(text, out address!)
        && !text.StartsWith('[')
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);
}
