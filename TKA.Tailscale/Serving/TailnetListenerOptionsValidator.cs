using Microsoft.Extensions.Options;

namespace TKA.Tailscale.Serving;

/// <summary>Applies the rules of <see cref="ListenAddress"/> at start.</summary>
internal sealed class TailnetListenerOptionsValidator : IValidateOptions<TailnetListenerOptions>
{
    public ValidateOptionsResult Validate(string? name, TailnetListenerOptions options)
    {
        if (options.Port is < 0 or > 65535)
        {
            return ValidateOptionsResult.Fail($"server:port {options.Port} is no port. Use 0 to 65535.");
        }

        if (options.ServeSocket.Length > 0 && !OperatingSystem.IsLinux())
        {
            return ValidateOptionsResult.Fail("server:serveSocket needs Linux: elsewhere the system does not tell that it is tailscaled who connects.");
        }

        return ListenAddress.Check(options.Address, options.AllowAnyAddress) is { } error
            ? ValidateOptionsResult.Fail(error)
            : ValidateOptionsResult.Success;
    }
}
