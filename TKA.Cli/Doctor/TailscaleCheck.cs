using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;

namespace TKA.Cli.Doctor;

/// <summary>Asks the machine's tailscaled whether it is connected, and as whom.</summary>
internal static class TailscaleCheck
{
    private const string Name = "Tailscale";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Runs it.</summary>
    public static async Task<Finding> RunAsync(CommandContext context, Uri? server, CancellationToken cancellationToken)
    {
        if (server is { IsLoopback: true })
        {
            return new(Name, Verdict.Skipped, "The server is on this machine; no tailnet is needed to reach it.");
        }

        var configured = context.Configuration[ConfigKey.Socket];
        var socket = configured.Length > 0 ? configured : Client.LocalDevice.Sockets.FirstOrDefault(File.Exists);
        if (socket is null || !File.Exists(socket))
        {
            return new(
                Name,
                OperatingSystem.IsLinux() || configured.Length > 0 ? Verdict.Failed : Verdict.Skipped,
                configured.Length > 0 ? $"There is no socket {configured}." : "No tailscaled found on this machine.",
                "Install Tailscale (https://tailscale.com/download) and connect: tailscale up",
                ExitCode.Unreachable);
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit);
            using var status = JsonDocument.Parse(await GetAsync(socket, limit.Token));
            return Judge(status.RootElement, context.Clock);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or SocketException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new(Name, Verdict.Failed, $"tailscaled at {socket} does not answer.", "Start it: systemctl start tailscaled", ExitCode.Unreachable);
        }
    }

    // {"BackendState":"Running","Self":{"DNSName":"laptop.example.ts.net.","KeyExpiry":"...","Expired":false},"CurrentTailnet":{"MagicDNSEnabled":true},...}
    private static Finding Judge(JsonElement status, TimeProvider clock)
    {
        var state = Text(status, "BackendState");
        if (state != "Running")
        {
            return new(Name, Verdict.Failed, $"Tailscale is not connected (state: {(state is "" ? "unknown" : state)}).", state is "NeedsLogin" ? "Sign in: tailscale login" : "Connect: tailscale up", ExitCode.Unreachable);
        }

        var self = status.TryGetProperty("Self", out var element) && element.ValueKind == JsonValueKind.Object ? element : default;
        var name = Text(self, "DNSName").TrimEnd('.');
        if (self.ValueKind == JsonValueKind.Object && self.TryGetProperty("Expired", out var expired) && expired.ValueKind == JsonValueKind.True)
        {
            return new(Name, Verdict.Failed, $"The key of this device ({name}) has expired.", "Sign in again: tailscale login", ExitCode.Refused);
        }

        if (self.ValueKind == JsonValueKind.Object && self.TryGetProperty("Tags", out var tags) && tags.ValueKind == JsonValueKind.Array && tags.GetArrayLength() > 0)
        {
            return new(Name, Verdict.Failed, $"This device ({name}) is tagged: nobody is behind it that access could be granted to.", "Use a device signed in by a person.", ExitCode.Refused);
        }

        if (self.ValueKind == JsonValueKind.Object && self.TryGetProperty("KeyExpiry", out var expiry) && expiry.TryGetDateTimeOffset(out var end) && end - clock.GetUtcNow() < TimeSpan.FromDays(2))
        {
            return new(Name, Verdict.Warning, $"Connected as {name}; the key of this device expires {Terminal.RemainingTime.Relative(end - clock.GetUtcNow())}.", "Renew it: tailscale login");
        }

        return status.TryGetProperty("CurrentTailnet", out var tailnet) && tailnet.ValueKind == JsonValueKind.Object && tailnet.TryGetProperty("MagicDNSEnabled", out var magic) && magic.ValueKind == JsonValueKind.False
            ? new(Name, Verdict.Warning, $"Connected as {name}, but MagicDNS is off: short names do not resolve.", "Switch it on in the admin console, or name the server by its address.")
            : new(Name, Verdict.Ok, $"Connected as {name}.");
    }

    private static async Task<string> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = new Uri("http://local-tailscaled.sock/") };
        using var response = await http.GetAsync("localapi/v0/status", cancellationToken);
        return response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadAsStringAsync(cancellationToken) : throw new HttpRequestException(response.StatusCode.ToString());
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
