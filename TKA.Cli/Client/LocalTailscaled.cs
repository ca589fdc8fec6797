using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace TKA.Cli.Client;

/// <summary>This machine's tailscaled, asked over its socket (LocalAPI).</summary>
internal static class LocalTailscaled
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Path of tailscaled's unix socket; null: no such socket exists on this machine.</summary>
    /// <param name="configured">Value of <c>tailscale.socket</c>; empty: the usual places.</param>
    public static string? FindSocket(string configured) =>
        configured.Length == 0 ? LocalDevice.Sockets.FirstOrDefault(File.Exists) : File.Exists(configured) ? configured : null;

    /// <summary>Its status with all peers; null when it does not answer within 3 s.</summary>
    public static async Task<JsonDocument?> StatusAsync(string socket, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), token);
                return new NetworkStream(connection, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = new Uri("http://local-tailscaled.sock/") };
        try
        {
            using var response = await http.GetAsync("localapi/v0/status", limit.Token);
            return response.StatusCode == HttpStatusCode.OK ? JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(limit.Token)) : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or SocketException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
