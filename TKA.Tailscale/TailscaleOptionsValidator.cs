using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using TKA.Contracts;

namespace TKA.Tailscale;

/// <summary>Checks <see cref="TailscaleOptions"/> at start; every message names key and value and says what to write.</summary>
internal sealed partial class TailscaleOptionsValidator : IValidateOptions<TailscaleOptions>
{
    private static readonly TimeSpan LongestCache = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(30);

    public ValidateOptionsResult Validate(string? name, TailscaleOptions options)
    {
        var errors = new List<string>();
        if (options.Port is < 0 or > 65535)
        {
            errors.Add($"tailscale.port is {options.Port}, which is not a port. Write a number from 0 to 65535.");
        }

        if (!CapabilityName().IsMatch(options.CapName))
        {
            errors.Add($"tailscale.capName is \"{options.CapName}\". Write a domain and a path, like specht-labs.de/cap/tka.");
        }

        if (options.WhoIsCache < TimeSpan.Zero || options.WhoIsCache > LongestCache)
        {
            errors.Add($"tailscale.whoIsCache is {GoDuration.Format(options.WhoIsCache)}. Write a duration from 0s to 1m: for so long a revoked grant is not noticed.");
        }

        if (options.LocalApiTimeout <= TimeSpan.Zero || options.LocalApiTimeout > LongestTimeout)
        {
            errors.Add($"tailscale.localApiTimeout is {GoDuration.Format(options.LocalApiTimeout)}. Write a duration over 0s, up to 30s.");
        }

        if (options.WhoIsMissBurst is < 1 or > 10_000)
        {
            errors.Add($"tailscale.whoIsMissBurst is {options.WhoIsMissBurst}. Write a number from 1 to 10000.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    [GeneratedRegex(@"^[A-Za-z0-9.-]+\.[A-Za-z0-9-]+/\S+$")]
    private static partial Regex CapabilityName();
}
