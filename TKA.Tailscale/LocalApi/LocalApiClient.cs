using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;

namespace TKA.Tailscale.LocalApi;

/// <summary>LocalAPI over tailscaled's own socket: plain HTTP/1.1 whose Host must be <c>local-tailscaled.sock</c>.</summary>
internal sealed class LocalApiClient : ILocalApiClient, IDisposable
{
    // Grants can be long, and one person may hold many; still, an answer this size is no whois.
    private const int LargestWhoIs = 4 * 1024 * 1024;
    private static readonly Uri Base = new("http://local-tailscaled.sock/localapi/v0/");

    // tailscaled itself waits on the ACME server.
    private static readonly TimeSpan CertificateTimeout = TimeSpan.FromSeconds(90);

    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly string _path;

    public LocalApiClient(IOptions<TailscaleOptions> options, TimeProvider time)
    {
        _path = string.IsNullOrEmpty(options.Value.Socket) ? LocalApiSocket.DefaultPath : options.Value.Socket;
        _timeout = options.Value.LocalApiTimeout;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancellationToken) => LocalApiSocket.ConnectAsync(_path, cancellationToken),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // Trace headers would leave the trust boundary for no use: tailscaled does not trace.
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        };
        _http = new HttpClient(handler) { BaseAddress = Base, Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => _http.Dispose();

    public Task<WhoIsResponse?> WhoIsAsync(IPEndPoint remote, CancellationToken cancellationToken)
    {
        var address = Unmap(remote.Address);
        return WhoIsAsync(new IPEndPoint(address, remote.Port).ToString(), cancellationToken);
    }

    public Task<WhoIsResponse?> WhoIsAsync(IPAddress address, CancellationToken cancellationToken) =>
        WhoIsAsync(Unmap(address).ToString(), cancellationToken);

    public async Task<TailscaleStatus> StatusAsync(bool peers, CancellationToken cancellationToken) =>
        await GetJsonAsync($"status?peers={(peers ? "true" : "false")}", LocalApiJsonContext.Default.TailscaleStatus, cancellationToken)
        ?? throw new LocalApiException(LocalApiError.Unexpected, "tailscaled answered the status request with null.");

    public async Task<CertificatePem> CertPairAsync(string domain, TimeSpan minValidity, CancellationToken cancellationToken)
    {
        var seconds = Math.Max(0, (long)minValidity.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var pair = await SendAsync(
            $"cert/{Uri.EscapeDataString(domain)}?type=pair&min_validity={seconds}s",
            CertificateTimeout,
            (response, token) => response.Content.ReadAsStringAsync(token),
            cancellationToken);
        try
        {
            return CertificatePem.Parse(pair);
        }
        catch (FormatException exception)
        {
            throw new LocalApiException(LocalApiError.Unexpected, exception.Message);
        }
    }

    public Task<ServeConfig?> ServeConfigAsync(CancellationToken cancellationToken) =>
        GetJsonAsync("serve-config", LocalApiJsonContext.Default.ServeConfig, cancellationToken);

    public async Task<Stream> DialAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "dial");
        request.Headers.Connection.Add("upgrade");
        request.Headers.Upgrade.Add(new ProductHeaderValue("ts-dial"));
        request.Headers.Add("Dial-Network", "tcp");
        request.Headers.Add("Dial-Host", host);
        request.Headers.Add("Dial-Port", port.ToString(CultureInfo.InvariantCulture));
        try
        {
            // Not disposed after the upgrade: the connection belongs to the stream.
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
            {
                return await response.Content.ReadAsStreamAsync(cancellationToken);
            }

            using (response)
            {
                var reason = (await response.Content.ReadAsStringAsync(cancellationToken)).Trim();
                throw new LocalApiException(LocalApiError.Unavailable, $"tailscaled cannot dial {host}:{port}: {reason}");
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            throw Unreachable(exception);
        }
    }

    public async IAsyncEnumerable<IpnNotification> WatchIpnBusAsync(
        IpnBusEvents events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"watch-ipn-bus?mask={(int)events}");
        using var response = await OpenAsync(path, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        while (await ReadLineAsync(reader, cancellationToken) is { } line)
        {
            if (line.Length > 0 && ReadNotification(line) is { } notification)
            {
                yield return notification;
            }
        }
    }

    private async Task<WhoIsResponse?> WhoIsAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            // proto: without it tailscaled tries UDP too, which doubles the cost of a miss under its main lock.
            return await GetJsonAsync(
                $"whois?proto=tcp&addr={Uri.EscapeDataString(address)}", LocalApiJsonContext.Default.WhoIsResponse, cancellationToken)
                ?? throw new LocalApiException(LocalApiError.Unexpected, "tailscaled answered whois with null.");
        }
        catch (LocalApiException exception) when (exception.Error == LocalApiError.NotFound)
        {
            return null;
        }
    }

    private Task<T?> GetJsonAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        SendAsync(
            path,
            _timeout,
            async (response, token) =>
            {
                if (response.Content.Headers.ContentLength > LargestWhoIs && typeof(T) == typeof(WhoIsResponse))
                {
                    throw new JsonException("The answer is too long.");
                }

                await using var stream = await response.Content.ReadAsStreamAsync(token);
                return await JsonSerializer.DeserializeAsync(stream, type, token);
            },
            cancellationToken);

    private async Task<T> SendAsync<T>(
        string path, TimeSpan timeout, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await OpenAsync(path, linked.Token);
            return await read(response, linked.Token);
        }
        catch (JsonException exception)
        {
            throw new LocalApiException(LocalApiError.Unexpected, $"tailscaled's answer to {Name(path)} is not understood: {exception.Message}", exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LocalApiException(LocalApiError.Unavailable, $"tailscaled did not answer {Name(path)} within {timeout.TotalSeconds:0.#} s.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            throw Unreachable(exception);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or UnauthorizedAccessException or TimeoutException)
        {
            throw Unreachable(exception);
        }

        if (response.StatusCode == HttpStatusCode.OK)
        {
            return response;
        }

        using (response)
        {
            throw await RefusedAsync(path, response, cancellationToken);
        }
    }

    private LocalApiException Unreachable(Exception exception)
    {
        var cause = exception.GetBaseException();
        if (cause is SocketException { SocketErrorCode: SocketError.AccessDenied } or UnauthorizedAccessException)
        {
            return new LocalApiException(LocalApiError.Denied, $"No permission to open tailscaled's socket {_path}.", exception);
        }

        // The system's text for a missing socket file is "Cannot assign requested address", which sends people to the network.
        var problem = cause is SocketException { SocketErrorCode: SocketError.AddressNotAvailable } && !File.Exists(_path)
            ? "there is no such socket. Start tailscaled, or name its socket with tailscale:socket"
            : cause.Message;
        return new LocalApiException(LocalApiError.Unavailable, $"tailscaled is not reachable at {_path}: {problem}.", exception);
    }

    private static async Task<LocalApiException> RefusedAsync(string path, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var error = response.StatusCode switch
        {
            HttpStatusCode.Forbidden => LocalApiError.Denied,
            HttpStatusCode.NotFound => LocalApiError.NotFound,
            HttpStatusCode.TooManyRequests => LocalApiError.RateLimited,
            HttpStatusCode.ServiceUnavailable => LocalApiError.Unavailable,
            _ => LocalApiError.Unexpected,
        };
        var text = body.Length > 300 ? body[..300] : body;
        return new LocalApiException(error, $"tailscaled answered {Name(path)} with {(int)response.StatusCode}: {text.Trim()}")
        {
            StatusCode = response.StatusCode,
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    private async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw Unreachable(exception);
        }
    }

    private static IpnNotification? ReadNotification(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, LocalApiJsonContext.Default.IpnNotification);
        }
        catch (JsonException exception)
        {
            throw new LocalApiException(LocalApiError.Unexpected, $"A line of watch-ipn-bus is not understood: {exception.Message}", exception);
        }
    }

    private static string Name(string path) => path.Split('?', 2)[0];

    private static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
