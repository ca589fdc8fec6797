using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TKA.Cli.Errors;
using TKA.Cli.Terminal;
using TKA.Contracts;

namespace TKA.Cli.Client;

/// <summary>HTTP to one server, with faults turned into errors for people.</summary>
internal sealed class HttpTransport : IDisposable
{
    // Bounds what a server that is not ours can make us read.
    private const int MaxBodyBytes = 4 * 1024 * 1024;
    private const string Json = "application/json";
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private HttpClient _http;
    private Uri? _proxy;
    private IPAddress? _address;
    private readonly CertificateCheck _certificate;
    private readonly IPAddress? _source;
    private readonly string? _tailscaled;
    private readonly TimeProvider _clock;
    private readonly bool _debug;

    /// <summary>Creates it; nothing is sent yet.</summary>
    /// <param name="server">Base address.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="debug">Tell of every request on standard error.</param>
    /// <param name="source">Local address to connect from; null: the system's choice.</param>
    /// <param name="proxy">Proxy to the tailnet; null: none.</param>
    /// <param name="tailscaled">Socket of tailscaled, which is asked for names that the system does not know; empty: at the usual places; null: it is not asked.</param>
    public HttpTransport(Uri server, TimeProvider clock, bool debug, IPAddress? source, Uri? proxy = null, string? tailscaled = null)
    {
        Server = server;
        _clock = clock;
        _debug = debug;
        _source = source;
        _proxy = proxy;
        _tailscaled = tailscaled;
        _certificate = new CertificateCheck(server.DnsSafeHost, clock);
        _http = CreateClient();
    }

    /// <summary>Base address.</summary>
    public Uri Server { get; }

    /// <summary>The server has answered a request of this run, with whatever status.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>How far the server's clock is ahead of ours, from the last answer's <c>Date</c>; null before any.</summary>
    public TimeSpan? ClockAhead { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="method">Method.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="body">JSON body.</param>
    /// <param name="wait">Seconds to hold a not-yet answer (<c>Prefer: wait</c>); 0: answer at once.</param>
    /// <param name="limit">Longest time for the request beyond <paramref name="wait"/>.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <exception cref="CliException">The server could not be reached, or reported an error (status 400 and above).</exception>
    public async Task<HttpAnswer> SendAsync(
        HttpMethod method,
        string path,
        string? body = null,
        int wait = 0,
        TimeSpan? limit = null,
        CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add(TraceContext.Header, TraceContext.OfThisRun.TraceParent);
        request.Headers.Accept.ParseAdd(Json);
        if (wait > 0)
        {
            request.Headers.Add("Prefer", $"wait={wait}");
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, Json);
        }

        var allowed = (limit ?? TimeSpan.FromSeconds(20)) + TimeSpan.FromSeconds(wait);
        using var deadline = new CancellationTokenSource(allowed, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var started = _clock.GetTimestamp();
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);

            // What we read is UTF-8 by its definition; what is not ours may name character sets that .NET does not know.
            var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(either.Token));
            HasAnswered = true;
            if (response.Headers.Date is { } date)
            {
                ClockAhead = date - _clock.GetUtcNow();
            }

            if (_debug)
            {
                CliConsole.Debug($"{method} {new Uri(Server, path)} {(int)response.StatusCode} in {_clock.GetElapsedTime(started).TotalMilliseconds:0} ms, {text.Length} characters, trace {TraceContext.OfThisRun.TraceId}");
            }

            var answer = new HttpAnswer
            {
                Status = response.StatusCode,
                Body = text,
                MediaType = response.Content.Headers.ContentType?.MediaType ?? "",
                RetryAfter = RetryAfter(response),
                WaitHonoured = response.Headers.TryGetValues("Preference-Applied", out var applied) && applied.Any(value => value.Contains("wait", StringComparison.OrdinalIgnoreCase)),
                Location = response.Headers.Location,
                ServerHeader = response.Headers.Server.ToString(),
            };

            // What Go's servers, nginx and others answer to plain HTTP on a port for TLS.
            return answer.Status == HttpStatusCode.BadRequest && !answer.MediaType.EndsWith("json", StringComparison.Ordinal) && await WantsTlsAsync(cancellationToken)
                ? throw TransportErrors.SpeaksTls(Server, null)
                : answer;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw TransportErrors.TimedOut(Server, allowed, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            // A connection reset before its first use is a bare SocketException in .NET.
            var error = exception as HttpRequestException ?? new HttpRequestException(exception.Message, exception);
            if (_debug)
            {
                CliConsole.Debug($"{method} {new Uri(Server, path)} failed: {error.Message}");
            }

            if (await TryAnotherWayAsync(error, cancellationToken))
            {
                return await SendAsync(method, path, body, wait, limit, cancellationToken);
            }

            throw error.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse or HttpRequestError.Unknown && await WantsTlsAsync(cancellationToken)
                ? TransportErrors.SpeaksTls(Server, error)
                : TransportErrors.From(Server, error, _certificate.Problem);
        }
    }

    /// <summary>Asks for a stream of events, whose end only the caller decides.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="mediaType">What to accept.</param>
    /// <param name="lastEventId">Id of the last event that was seen; empty: none.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <exception cref="CliException">The server could not be reached, or did not answer with such a stream.</exception>
    public async Task<HttpResponseMessage> OpenAsync(string path, string mediaType, string lastEventId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(mediaType);
        if (lastEventId.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var actual = response.Content.Headers.ContentType?.MediaType ?? "";
            if (response.IsSuccessStatusCode && actual == mediaType)
            {
                return response;
            }

            using (response)
            {
                var answer = new HttpAnswer { Status = response.StatusCode, Body = await response.Content.ReadAsStringAsync(cancellationToken), MediaType = actual };
                throw response.IsSuccessStatusCode ? TransportErrors.NotTka(Server, answer) : ServerErrors.From(Server, answer);
            }
        }
        catch (HttpRequestException exception)
        {
            return await TryAnotherWayAsync(exception, cancellationToken)
                ? await OpenAsync(path, mediaType, lastEventId, cancellationToken)
                : throw TransportErrors.From(Server, exception, _certificate.Problem);
        }
    }

    /// <summary>Reads a JSON body.</summary>
    /// <exception cref="CliException">It is not the JSON a TKA server answers with.</exception>
    public T Read<T>(HttpAnswer answer, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) ?? throw TransportErrors.NotTka(Server, answer);
        }
        catch (JsonException exception)
        {
            throw TransportErrors.NotTka(Server, answer, exception);
        }
    }

    private HttpClient CreateClient()
    {
        var handler = new SocketsHttpHandler
        {
            // Who we are is where the connection comes from: through any other proxy we would be the proxy.
            UseProxy = _proxy is not null,
            Proxy = _proxy is null ? null : TailnetProxy.AsWebProxy(_proxy),
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
            SslOptions = { RemoteCertificateValidationCallback = _certificate.Accept },
        };
        if (_source is not null || _address is not null)
        {
            handler.ConnectCallback = (context, cancellationToken) =>
                SourceConnection.OpenAsync(_source, _address is null ? context.DnsEndPoint : new DnsEndPoint(_address.ToString(), context.DnsEndPoint.Port), cancellationToken);
        }

        var http = new HttpClient(handler) { BaseAddress = Server, MaxResponseContentBufferSize = MaxBodyBytes, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("tka", ClientVersion.Number));
        return http;
    }

    /// <summary>
    /// Another way to a server whose name the system does not know. In a container or on a CI runner tailscaled's proxy knows the names of
    /// the tailnet; where MagicDNS is off, tailscaled tells the address. TLS proves the name in any case.
    /// </summary>
    /// <returns>Whether there is one that has not been tried.</returns>
    private async Task<bool> TryAnotherWayAsync(HttpRequestException error, CancellationToken cancellationToken)
    {
        if (_proxy is not null || _address is not null || !TransportErrors.IsNameUnknown(error))
        {
            return false;
        }

        _proxy = TailnetProxy.FromEnvironment(Server);
        _address = _proxy is null && _tailscaled is not null ? await LocalTailscaled.FindAddressAsync(_tailscaled, Server.DnsSafeHost, cancellationToken) : null;
        if (_proxy is null && _address is null)
        {
            return false;
        }

        if (_debug)
        {
            CliConsole.Debug(_proxy is not null ? $"{Server.Host} does not resolve; trying the proxy {_proxy}" : $"{Server.Host} does not resolve; tailscaled says it is {_address}");
        }

        _http.Dispose();
        _http = CreateClient();
        return true;
    }

    private async Task<bool> WantsTlsAsync(CancellationToken cancellationToken) =>
        Server.Scheme == Uri.UriSchemeHttp && _proxy is null && await TlsProbe.IsSpokenAsync(Server, _source, _clock, cancellationToken);

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > _clock.GetUtcNow() => date - _clock.GetUtcNow(),
        { Date: not null } => TimeSpan.Zero,
        _ => null,
    };
}
