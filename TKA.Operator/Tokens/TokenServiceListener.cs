using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TKA.Operator.Options;
using TKA.Operator.Tokens.Certificates;

namespace TKA.Operator.Tokens;

/// <summary>Where the token service listens.</summary>
public sealed class TokenServiceListener
{
    private ListenOptions? _listen;

    internal TokenServiceListener()
    {
    }

    /// <summary>Base address after start, with the port that was bound when the configured one is 0.</summary>
    /// <exception cref="InvalidOperationException">The service has not started.</exception>
    public Uri Uri => _listen?.EndPoint is IPEndPoint bound
        ? new Uri($"https://{bound}")
        : throw new InvalidOperationException("The token service has not started.");

    internal void Listen(KestrelServerOptions kestrel, TokenServiceOptions options, ServerCertificate certificate)
    {
        kestrel.AddServerHeader = false;
        var address = IPAddress.Parse(options.Address);
        if (address.Equals(IPAddress.IPv6Any))
        {
            // "::" means every address of either family, also on a machine without IPv6.
            kestrel.ListenAnyIP(options.Port, Configure);
        }
        else
        {
            kestrel.Listen(address, options.Port, Configure);
        }

        void Configure(ListenOptions listen)
        {
            _listen = listen;
            listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate.Current);
        }
    }
}
