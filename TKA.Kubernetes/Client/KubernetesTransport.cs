using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Authentication;
using k8s.Exceptions;
using TKA.Kubernetes.Serialization;

namespace TKA.Kubernetes.Client;

/// <summary>
/// HTTP to the Kubernetes API: authentication and TLS as the client library sets them up, our own deadlines, error
/// classification and metrics. It never retries: when to try again is the caller's decision.
/// </summary>
/// <remarks>The <c>traceparent</c> of the current <see cref="Activity"/> travels with every request (W3C), so a login can be followed into the API server's traces.</remarks>
public sealed class KubernetesTransport : IDisposable
{
    // Together well under the 15 s within which a session that was ended must be without access.
    private static readonly TimeSpan KeepAliveDelay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(5);

    // After a failure that a changed file may cure, the files are read again at most so often.
    private static readonly TimeSpan ReconnectInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _reconnecting = new();
    private readonly Func<k8s.Kubernetes>? _connect;
    private readonly KubernetesClientMetrics _metrics;
    private readonly TimeSpan _requestTimeout;
    private readonly Uri _baseUri;
    private readonly ClusterTime _time;
    private readonly ServiceClientCredentials? _credentials;
    private volatile k8s.Kubernetes _client;
    private k8s.Kubernetes? _previous;
    private long? _reconnected;
    private long _answered = Stopwatch.GetTimestamp();

    /// <summary>Connects as the options say. No request is sent yet.</summary>
    /// <exception cref="k8s.Exceptions.KubeConfigException">The kubeconfig cannot be read or is incomplete.</exception>
    public KubernetesTransport(KubernetesClientOptions options, KubernetesClientMetrics? metrics = null, ClusterTime? time = null)
        : this(CreateClient(options), options.RequestTimeout, metrics, time)
    {
        _connect = () => CreateClient(options);
    }

    /// <summary>Uses the connection of an existing client, which is disposed with this object.</summary>
    public KubernetesTransport(k8s.Kubernetes client, TimeSpan? requestTimeout = null, KubernetesClientMetrics? metrics = null, ClusterTime? time = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _metrics = metrics ?? new KubernetesClientMetrics();
        _time = time ?? new ClusterTime(TimeProvider.System);
        _requestTimeout = requestTimeout ?? new KubernetesClientOptions().RequestTimeout;
        var text = client.BaseUri.AbsoluteUri;
        _baseUri = text.EndsWith('/') ? client.BaseUri : new Uri(text + "/");
    }

    private KubernetesTransport(KubernetesTransport connection, string token)
        : this(connection._client, connection._requestTimeout, connection._metrics, connection._time)
    {
        _credentials = new TokenCredentials(token);
    }

    /// <summary>The same connection with another token. Not to be disposed, and for a few requests at once: it does not follow when the connection is made anew.</summary>
    public KubernetesTransport As(string token) => new(this, token);

    /// <summary>Address of the API server.</summary>
    public Uri BaseUri => _baseUri;

    /// <summary>How long ago the API server last answered anything; real time, from the start of this process when it never did.</summary>
    public TimeSpan SinceLastAnswer => Stopwatch.GetElapsedTime(Volatile.Read(ref _answered));

    /// <summary>The library's client on the same connection, for what has no typed access here.</summary>
    public IKubernetes Client => _client;

    internal KubernetesClientMetrics Metrics => _metrics;

    /// <summary>Makes sure that the time is known from an answer of the API server: asks for one if the clocks here have jumped since the last.</summary>
    /// <exception cref="KubernetesRequestException">There was no answer.</exception>
    public async Task SettleTimeAsync(CancellationToken cancellationToken)
    {
        if (!_time.IsSettled)
        {
            // What every authenticated client may read, and what costs the server nothing.
            var request = new KubernetesRequest(HttpMethod.Get, "version", "get", "version", "get version");
            await SendAsync(request, KubernetesJsonContext.Type<StatusBody>(), cancellationToken);
        }
    }

    /// <summary>Asks whether the API server is there. Any answer is one.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="KubernetesRequestException">There was no answer.</exception>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var request = new KubernetesRequest(HttpMethod.Get, "livez", "get", "livez", "get livez");
        try
        {
            using var message = request.CreateMessage(_baseUri);
            using var response = await SendAuthenticatedAsync(message, cancellationToken);
        }
        catch (Exception exception) when (IsTransportFailure(exception, cancellationToken))
        {
            throw KubernetesErrors.FromTransport(request.Description, exception);
        }
    }

    /// <summary>Sends JSON and reads JSON.</summary>
    /// <param name="request">What to send and how to call it in metrics and errors.</param>
    /// <param name="responseType">How to read the answer.</param>
    /// <param name="cancellationToken">Cancels the request; the server may still act on it.</param>
    /// <exception cref="KubernetesRequestException">The request failed.</exception>
    internal async Task<TResponse> SendAsync<TResponse>(KubernetesRequest request, JsonTypeInfo<TResponse> responseType, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_requestTimeout);
        var started = Stopwatch.GetTimestamp();
        var code = "<error>";
        try
        {
            using var message = request.CreateMessage(_baseUri);
            using var response = await SendAuthenticatedAsync(message, deadline.Token);
            code = StatusText(response.StatusCode);
            if (!response.IsSuccessStatusCode)
            {
                throw await KubernetesErrors.FromResponseAsync(request.Description, response, deadline.Token);
            }

            await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            return await JsonSerializer.DeserializeAsync(body, responseType, deadline.Token)
                ?? throw new KubernetesRequestException(KubernetesError.Other, $"{request.Description}: the Kubernetes API answered null.");
        }
        catch (JsonException exception)
        {
            throw new KubernetesRequestException(KubernetesError.Other, $"{request.Description}: unreadable answer: {exception.Message}", exception);
        }
        catch (Exception exception) when (IsCancellation(exception, cancellationToken))
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (IsTransportFailure(exception, cancellationToken))
        {
            throw KubernetesErrors.FromTransport(request.Description, exception);
        }
        finally
        {
            _metrics.Request(request.Verb, request.Resource, code, started);
        }
    }

    /// <summary>Opens a stream (a watch). The deadline covers the time until the headers arrive only.</summary>
    /// <returns>The response; the caller disposes it.</returns>
    internal async Task<HttpResponseMessage> OpenStreamAsync(KubernetesRequest request, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_requestTimeout);
        var started = Stopwatch.GetTimestamp();
        var code = "<error>";
        try
        {
            using var message = request.CreateMessage(_baseUri);
            var response = await SendAuthenticatedAsync(message, deadline.Token);
            code = StatusText(response.StatusCode);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw await KubernetesErrors.FromResponseAsync(request.Description, response, deadline.Token);
            }
        }
        catch (Exception exception) when (IsCancellation(exception, cancellationToken))
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (IsTransportFailure(exception, cancellationToken))
        {
            throw KubernetesErrors.FromTransport(request.Description, exception);
        }
        finally
        {
            _metrics.Request(request.Verb, request.Resource, code, started);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _previous?.Dispose();
    }

    /// <summary>Whether the exchange failed by itself. After the caller has cancelled, whatever breaks breaks because of that.</summary>
    internal static bool IsTransportFailure(Exception e, CancellationToken callersToken) =>
        !callersToken.IsCancellationRequested
        && e is (HttpRequestException or IOException or System.Net.Sockets.SocketException or OperationCanceledException);

    /// <summary>Whether a failure is how the caller's own cancellation shows.</summary>
    internal static bool IsCancellation(Exception e, CancellationToken callersToken) =>
        callersToken.IsCancellationRequested && e is (HttpRequestException or IOException or System.Net.Sockets.SocketException);

    private static string StatusText(HttpStatusCode code) => ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task<HttpResponseMessage> SendAuthenticatedAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        var client = _client;
        if ((_credentials ?? client.Credentials) is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(message, cancellationToken);
        }

        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var asked = _time.GetTimestamp();
        HttpResponseMessage response;
        try
        {
            response = await client.HttpClient.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            Reconnect(client);
            throw;
        }

        Volatile.Write(ref _answered, Stopwatch.GetTimestamp());
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            Reconnect(client);
        }

        // A 5xx may come from a load balancer: its Date header must not be used to correct our clock.
        if (response.Headers.Date is { } date && (int)response.StatusCode < 500)
        {
            _time.Observe(date, asked);
        }

        return response;
    }

    /// <summary>
    /// Reads kubeconfig, CA and credentials again: the API server's certificate or our credentials were refused, so the files may have
    /// been replaced. The failed request is not repeated; the caller's next one uses what was read.
    /// </summary>
    private void Reconnect(k8s.Kubernetes failed)
    {
        lock (_reconnecting)
        {
            if (_connect is null || !ReferenceEquals(failed, _client) || (_reconnected is { } last && Stopwatch.GetElapsedTime(last) < ReconnectInterval))
            {
                return;
            }

            _reconnected = Stopwatch.GetTimestamp();
            try
            {
                var client = _connect();

                // Streams on the client before go on, until the next reconnection.
                _previous?.Dispose();
                _previous = _client;
                _client = client;
            }
            catch (Exception exception) when (exception is KubeConfigException or IOException or UnauthorizedAccessException or CryptographicException or FormatException or YamlDotNet.Core.YamlException)
            {
                // The files are being replaced: the next failure reads them again.
            }
        }
    }

    private static k8s.Kubernetes CreateClient(KubernetesClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var context = string.IsNullOrEmpty(options.Context) ? null : options.Context;
        var configuration = options.Kubeconfig is { Length: > 0 } path
            ? KubeconfigLoader.Load(path, context)
            : KubernetesClientConfiguration.IsInCluster()
                ? KubernetesClientConfiguration.InClusterConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile(currentContext: context);
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        configuration.UserAgent = "tka/" + typeof(KubernetesTransport).Assembly.GetName().Version?.ToString(3);
        configuration.FirstMessageHandlerSetup = static handler =>
        {
            // A dead peer is noticed by pings, also under a watch on which nothing happens.
            handler.KeepAlivePingDelay = KeepAliveDelay;
            handler.KeepAlivePingTimeout = KeepAliveTimeout;
            handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
            handler.EnableMultipleHttp2Connections = true;
            handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5);
        };
        return new k8s.Kubernetes(configuration, [.. options.Handlers.Select(create => create())]);
    }
}
