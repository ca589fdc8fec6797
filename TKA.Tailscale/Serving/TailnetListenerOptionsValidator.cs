using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace TKA.Tailscale.Serving;

/// <summary>Applies the rules of <see cref="ListenAddress"/> at start.</summary>
internal sealed class TailnetListenerOptionsValidator : IValidateOptions<TailnetListenerOptions>
{
    public ValidateOptionsResult Validate(string? name, TailnetListenerOptions options)
    {
        if (options.Port is < 0 or > 65535)
        {
            return ValidateOptionsResult.Fail($"server.port is {options.Port}, which is not a port. Write a number from 0 to 65535.");
        }

        foreach (var (key, value) in new[] { ("server.serveSocket", options.ServeSocket), ("server.serveAddress", options.ServeAddress) })
        {
            if (value.Length > 0 && !OperatingSystem.IsLinux())
            {
                return ValidateOptionsResult.Fail($"{key} is \"{value}\", which needs Linux: elsewhere the system does not tell that it is tailscaled who connects. Leave it out.");
            }
        }

        if (options.ServeAddress.Length > 0 && !IsServeTarget(options.ServeAddress))
        {
            return ValidateOptionsResult.Fail($"server.serveAddress is \"{options.ServeAddress}\", which is not an address that only this machine's programs reach. Write a loopback address other than 127.0.0.1 and a port, like 127.0.0.2:8444.");
        }

        return ListenAddress.Check(options.Address, options.AllowAnyAddress) is { } error
            ? ValidateOptionsResult.Fail(error)
            : ValidateOptionsResult.Success;
    }

    // tailscaled in userspace mode forwards tailnet connections to 127.0.0.1 and to no other loopback address.
    private static bool IsServeTarget(string text) =>
        IPEndPoint.TryParse(text, out var endpoint)
        && text.Contains(':', StringComparison.Ordinal)
        && endpoint.AddressFamily == AddressFamily.InterNetwork
        && IPAddress.IsLoopback(endpoint.Address)
        && !endpoint.Address.Equals(IPAddress.Loopback);
}
