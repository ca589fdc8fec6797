using System.Net;
using TKA.Api.Configuration;

namespace TKA.Api.OperatorTokens;

/// <summary>HTTP to the operator's token service.</summary>
internal static class OperatorConnection
{
    /// <summary>A client that trusts the operator's CA and nothing else. It has no timeout of its own.</summary>
    /// <param name="service">Where the operator is.</param>
    /// <param name="largestAnswer">Bytes of an answer; a longer one fails.</param>
    /// <param name="loggers">For a CA that cannot be read.</param>
    public static HttpClient Create(TokenClientOptions service, int largestAnswer, ILoggerFactory loggers)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = service.Timeout,
            // A rotated CA is trusted from the next connection on.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            EnableMultipleHttp2Connections = true,
        };
        if (service.CaFile.Length > 0)
        {
            var trust = new ReloadingTrust(service.CaFile, loggers.CreateLogger<ReloadingTrust>());
            handler.SslOptions.RemoteCertificateValidationCallback = trust.Validate;
        }

        return new HttpClient(handler)
        {
            BaseAddress = new Uri(service.Url.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = largestAnswer,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
    }
}
