using System.Net;
using TKA.Api.Configuration;

namespace TKA.Api.OperatorTokens;

/// <summary>
/// HTTP to the operator's token service. A replica of the operator that is frozen keeps its connections: requests on them would go on to be
/// unanswered while other replicas work. So a connection on which nothing was answered in time is not used any more.
/// </summary>
internal sealed class OperatorConnection : IDisposable
{
    private readonly Lock _replacing = new();
    private readonly Func<HttpClient> _create;
    private volatile HttpClient _client;
    private HttpClient? _previous;

    /// <summary>Connects as the options say. No request is sent yet.</summary>
    /// <param name="service">Where the operator is.</param>
    /// <param name="largestAnswer">Bytes of an answer; a longer one fails.</param>
    /// <param name="loggers">For a CA that cannot be read.</param>
    public OperatorConnection(TokenClientOptions service, int largestAnswer, ILoggerFactory loggers)
    {
        _create = () => Create(service, largestAnswer, loggers);
        _client = _create();
    }

    /// <summary>The client to use for the next request. It trusts the operator's CA and nothing else, and has no timeout of its own.</summary>
    public HttpClient Client => _client;

    /// <summary>A request in HTTP/2, so that all share one connection: whether it is answered tells of that connection.</summary>
    /// <param name="method">Method.</param>
    /// <param name="path">Path and query, relative to the operator's address.</param>
    public static HttpRequestMessage CreateRequest(HttpMethod method, string path) =>
        new(method, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };

    /// <summary>Makes new requests use a new connection, which may lead to another replica.</summary>
    /// <param name="silent">The client that got no answer. When it has been replaced already, nothing happens.</param>
    public void Replace(HttpClient silent)
    {
        lock (_replacing)
        {
            if (ReferenceEquals(silent, _client))
            {
                // Requests under way go on, until the next replacement.
                _previous?.Dispose();
                _previous = _client;
                _client = _create();
            }
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _previous?.Dispose();
    }

    private static HttpClient Create(TokenClientOptions service, int largestAnswer, ILoggerFactory loggers)
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
        };
    }
}
