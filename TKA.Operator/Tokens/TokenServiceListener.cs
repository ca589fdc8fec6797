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
        kestrel.Listen(IPAddress.Parse(options.Address), options.Port, listen =>
        {
            _listen = listen;
            listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate.Current);
        });
    }
}
