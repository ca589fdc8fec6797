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

        if (options.ServeSocket.Length > 0 && !OperatingSystem.IsLinux())
        {
            return ValidateOptionsResult.Fail($"server.serveSocket is \"{options.ServeSocket}\", which needs Linux: elsewhere the system does not tell that it is tailscaled who connects. Leave it out.");
        }

        return ListenAddress.Check(options.Address, options.AllowAnyAddress) is { } error
            ? ValidateOptionsResult.Fail(error)
            : ValidateOptionsResult.Success;
    }
}
