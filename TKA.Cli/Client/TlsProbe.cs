using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using TKA.Contracts;

namespace TKA.Cli.Client;

/// <summary>Finds out, after plain HTTP failed, whether the server would have liked TLS. Nothing but a handshake is sent.</summary>
internal static class TlsProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Whether TLS is spoken there; no, when in doubt.</summary>
    public static async Task<bool> IsSpokenAsync(Uri server, IPAddress? source, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var spoken = false;
        try
        {
            await using var stream = await SourceConnection.OpenAsync(source, new DnsEndPoint(server.DnsSafeHost, server.Port), either.Token);
            await using var tls = new SslStream(stream);
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = server.DnsSafeHost,

                // That there is a certificate is all that matters; it is refused whatever it is.
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    spoken = certificate is not null;
                    return false;
                },
            };
            await tls.AuthenticateAsClientAsync(options, either.Token);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The end of the question, however it is answered.
        }

        return spoken;
    }
}
