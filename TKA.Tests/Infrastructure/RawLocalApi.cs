using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace TKA.Tests.Infrastructure;

/// <summary>A bare HTTP client on a LocalAPI socket, to see statuses, headers and bodies as they are.</summary>
internal sealed class RawLocalApi(string socket) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://local-tailscaled.sock/localapi/v0/") };

    public Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellationToken) => _http.GetAsync(path, cancellationToken);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    /// <summary>What <c>tailscale up</c> and <c>tailscale down</c> send.</summary>
    public async Task WantRunningAsync(bool wanted, CancellationToken cancellationToken)
    {
        using var response = await _http.PatchAsJsonAsync("prefs", new { WantRunning = wanted, WantRunningSet = true }, JsonSerializerOptions.Default, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();
}
