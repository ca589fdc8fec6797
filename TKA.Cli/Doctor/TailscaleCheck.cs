using System.Text.Json;
using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;

namespace TKA.Cli.Doctor;

/// <summary>Asks the machine's tailscaled whether it is connected, and as whom.</summary>
internal static class TailscaleCheck
{
    private const string Name = "Tailscale";

    /// <summary>Runs it.</summary>
    public static async Task<Finding> RunAsync(CommandContext context, Uri? server, CancellationToken cancellationToken)
    {
        if (server is { IsLoopback: true })
        {
            return new(Name, Verdict.Skipped, "The server is on this machine; no tailnet is needed to reach it.");
        }

        var configured = context.Configuration[ConfigKey.Socket];
        if (LocalTailscaled.FindSocket(configured) is not { } socket)
        {
            return new(
                Name,
                OperatingSystem.IsLinux() || configured.Length > 0 ? Verdict.Failed : Verdict.Skipped,
                configured.Length > 0 ? $"There is no socket {configured}." : "No tailscaled found on this machine.",
                "Install Tailscale (https://tailscale.com/download) and connect: tailscale up",
                ExitCode.Unreachable);
        }

        using var status = await LocalTailscaled.StatusAsync(socket, cancellationToken);
        return status is not null
            ? Judge(status.RootElement, context.Clock)
            : new(Name, Verdict.Failed, $"tailscaled at {socket} does not answer.", "Start it: systemctl start tailscaled", ExitCode.Unreachable);
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

        if (self.ValueKind == JsonValueKind.Object && self.TryGetProperty("KeyExpiry", out var expiry) && ExpiryOf(expiry) is { } end && end - clock.GetUtcNow() < TimeSpan.FromDays(2))
        {
            return new(Name, Verdict.Warning, $"Connected as {name}; the key of this device expires {Terminal.RemainingTime.Relative(end - clock.GetUtcNow())}.", "Renew it: tailscale login");
        }

        return status.TryGetProperty("CurrentTailnet", out var tailnet) && tailnet.ValueKind == JsonValueKind.Object && tailnet.TryGetProperty("MagicDNSEnabled", out var magic) && magic.ValueKind == JsonValueKind.False
            ? new(Name, Verdict.Warning, $"Connected as {name}, but MagicDNS is off: short names do not resolve.", "Switch it on in the admin console, or name the server by its address.")
            : new(Name, Verdict.Ok, $"Connected as {name}.");
    }

    /// <summary>Null: the key never expires, which tailscaled tells by leaving the time out, or by Go's zero time, a day around the start of year 1.</summary>
    private static DateTimeOffset? ExpiryOf(JsonElement expiry) =>
        expiry.ValueKind == JsonValueKind.String && expiry.TryGetDateTimeOffset(out var end) && end.Year > 1 ? end : null;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
