using System.Net;
using Microsoft.Extensions.Options;
using TKA.Contracts;
using TKA.Contracts.Sessions;

namespace TKA.Operator.Options;

/// <summary>Checks <see cref="OperatorOptions"/> at start; every message says which key to change.</summary>
internal sealed class OperatorOptionsValidation : IValidateOptions<OperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorOptions options)
    {
        List<string> errors = [];
        if (string.IsNullOrWhiteSpace(options.Namespace))
        {
            errors.Add("operator:namespace must name the namespace of sessions.");
        }

        if (string.IsNullOrWhiteSpace(options.SystemNamespace))
        {
            errors.Add("operator:systemNamespace must name the namespace of TKA's workloads.");
        }

        if (options.Namespace == options.SystemNamespace)
        {
            errors.Add("operator:namespace and operator:systemNamespace must differ: whoever may issue tokens in the one must not issue them for TKA itself.");
        }

        if (options.EffectiveAllowedRoles.Count == 0 || options.EffectiveAllowedRoles.Any(string.IsNullOrWhiteSpace))
        {
            errors.Add("operator:allowedRoles must list at least one ClusterRole, and no empty name.");
        }

        if (!GoDuration.TryParse(options.MaxPeriod, out var max) || max < TkaSigninResource.MinimumPeriod)
        {
            errors.Add($"operator:maxPeriod is '{options.MaxPeriod}'; write a duration of at least 10m, like 168h.");
        }

        if (options.Workers is < 1 or > 100)
        {
            errors.Add("operator:workers must be between 1 and 100.");
        }

        if (options.DrainTimeout < TimeSpan.Zero)
        {
            errors.Add("operator:drainTimeout must not be negative.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}

/// <summary>Checks <see cref="TokenServiceOptions"/> at start.</summary>
internal sealed class TokenServiceOptionsValidation : IValidateOptions<TokenServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenServiceOptions options)
    {
        List<string> errors = [];
        if (!IPAddress.TryParse(options.Address, out _))
        {
            errors.Add($"operator:tokenService:address is '{options.Address}', which is not an IP address.");
        }

        if (options.Port is < 0 or > IPEndPoint.MaxPort)
        {
            errors.Add($"operator:tokenService:port is {options.Port}, which is not a port (0 to 65535).");
        }

        if (string.IsNullOrEmpty(options.CertificateFile) != string.IsNullOrEmpty(options.KeyFile))
        {
            errors.Add("operator:tokenService:certificateFile and keyFile belong together: set both or neither.");
        }

        foreach (var file in new[] { options.CertificateFile, options.KeyFile })
        {
            if (!string.IsNullOrEmpty(file) && !File.Exists(file))
            {
                errors.Add($"operator:tokenService names the file {file}, which does not exist.");
            }
        }

        if (options.Burst < 1 || options.PerMinute < 1)
        {
            errors.Add("operator:tokenService:burst and perMinute must be at least 1.");
        }

        if (options.ReviewCache < TimeSpan.Zero || options.ReviewCache > TimeSpan.FromMinutes(10))
        {
            errors.Add("operator:tokenService:reviewCache must be between 0 and 10 minutes.");
        }

        if (options.ReadyWait < TimeSpan.Zero || options.ReadyWait > TimeSpan.FromSeconds(30))
        {
            errors.Add("operator:tokenService:readyWait must be between 0 and 30 seconds.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}

/// <summary>Checks <see cref="LedgerOptions"/> at start.</summary>
internal sealed class LedgerOptionsValidation : IValidateOptions<LedgerOptions>
{
    public ValidateOptionsResult Validate(string? name, LedgerOptions options) =>
        string.IsNullOrWhiteSpace(options.StateStore) ? ValidateOptionsResult.Fail("dapr:stateStore must name a Dapr state store.")
        : options.RetentionDays < 1 ? ValidateOptionsResult.Fail("operator:ledger:retentionDays must be at least 1.")
        : options.CallTimeout <= TimeSpan.Zero ? ValidateOptionsResult.Fail("operator:ledger:callTimeout must be positive.")
        : ValidateOptionsResult.Success;
}
