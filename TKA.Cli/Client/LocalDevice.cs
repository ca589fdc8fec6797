using System.Net.Sockets;
using System.Text.Json;

namespace TKA.Cli.Client;

/// <summary>
/// Whose device this is, asked of the machine's own tailscaled, so that a token in the cache is not given to the next person on the
/// device. Takes well under a millisecond, because kubectl waits for it at each command.
/// </summary>
/// <param name="Socket">Socket of the tailscaled that was asked.</param>
/// <param name="Id">Text that changes when the device, or the person it belongs to, does.</param>
internal sealed record LocalDevice(string Socket, string Id)
{
    private const int LimitMilliseconds = 500;

    /// <summary>Where tailscaled listens when nothing else is configured.</summary>
    public static readonly string[] Sockets = ["/var/run/tailscale/tailscaled.sock", "/run/tailscale/tailscaled.sock", "/var/run/tailscaled.socket"];

    /// <summary>Asks the local tailscaled for this device; null: tailscaled does not run, does not answer, or is not connected to a tailnet.</summary>
    /// <param name="configured">Socket from the configuration; empty: the usual ones.</param>
    public static LocalDevice? Find(string configured) =>
        (configured.Length > 0 ? configured : Sockets.FirstOrDefault(File.Exists)) is { } socket ? Ask(socket) : null;

    /// <summary>Whether the device belongs to somebody else by now. Without an answer nothing says so.</summary>
    public bool HasChanged() => Ask(Socket) is { } now && now.Id != Id;

    private static LocalDevice? Ask(string path)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendTimeout = LimitMilliseconds, ReceiveTimeout = LimitMilliseconds };
            socket.Connect(new UnixDomainSocketEndPoint(path));

            // HTTP/1.0: the answer ends with the connection and is not cut into chunks.
            socket.Send("GET /localapi/v0/status?peers=false HTTP/1.0\r\nHost: local-tailscaled.sock\r\n\r\n"u8);
            using var stream = new NetworkStream(socket);
            using var answer = new MemoryStream();
            stream.CopyTo(answer);
            return Read(answer.GetBuffer().AsMemory(0, (int)answer.Length)) is { } id ? new LocalDevice(path, id) : null;
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    // {"BackendState":"Running","Self":{"ID":"nLaptop1CNTRL","UserID":1001,...},...}
    private static string? Read(ReadOnlyMemory<byte> answer)
    {
        var end = answer.Span.IndexOf("\r\n\r\n"u8);
        if (end < 0 || !answer.Span[..end].StartsWith("HTTP/1."u8) || !answer.Span[..end][8..].StartsWith(" 200"u8))
        {
            return null;
        }

        using var status = JsonDocument.Parse(answer[(end + 4)..]);
        return status.RootElement.TryGetProperty("BackendState", out var state) && state.ValueEquals("Running")
            && status.RootElement.TryGetProperty("Self", out var self) && self.ValueKind == JsonValueKind.Object
            && self.TryGetProperty("ID", out var node) && self.TryGetProperty("UserID", out var user)
                ? $"{node.GetString()} {user.GetRawText()}"
                : null;
    }
}
