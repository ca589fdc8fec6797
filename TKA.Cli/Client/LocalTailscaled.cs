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

    /// <summary>The tailnet address of a node, for a system that does not know the names of the tailnet; null: no such node, or no way to it from this system.</summary>
    /// <param name="configured">Value of <c>tailscale.socket</c>; empty: the usual places.</param>
    /// <param name="host">Full name of the node.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    public static async Task<IPAddress?> FindAddressAsync(string configured, string host, CancellationToken cancellationToken)
    {
        if (FindSocket(configured) is not { } socket)
        {
            return null;
        }

        // {"TUN":true,"Peer":{"nodekey:...":{"DNSName":"tka.example.ts.net.","TailscaleIPs":["100.64.0.7","fd7a:115c:a1e0::7"],...},...},...}
        using var status = await StatusAsync(socket, cancellationToken);
        return status?.RootElement is { ValueKind: JsonValueKind.Object } root
            && root.TryGetProperty("TUN", out var tun) && tun.ValueKind == JsonValueKind.True
            && root.TryGetProperty("Peer", out var peers) && peers.ValueKind == JsonValueKind.Object
                ? peers.EnumerateObject().Select(peer => peer.Value).Where(peer => IsNamed(peer, host)).Select(AddressOf).FirstOrDefault(address => address is not null)
                : null;
    }

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

    private static bool IsNamed(JsonElement peer, string host) =>
        peer.ValueKind == JsonValueKind.Object && peer.TryGetProperty("DNSName", out var name) && name.ValueKind == JsonValueKind.String && string.Equals(name.GetString()!.TrimEnd('.'), host, StringComparison.OrdinalIgnoreCase);

    private static IPAddress? AddressOf(JsonElement peer) =>
        peer.TryGetProperty("TailscaleIPs", out var addresses) && addresses.ValueKind == JsonValueKind.Array
            ? addresses.EnumerateArray().Where(text => text.ValueKind == JsonValueKind.String).Select(text => IPAddress.TryParse(text.GetString(), out var address) ? address : null).FirstOrDefault(address => address is not null)
            : null;
}
