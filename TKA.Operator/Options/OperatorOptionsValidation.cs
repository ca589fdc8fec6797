using Microsoft.Extensions.Options;
using TKA.Contracts.Sessions;
using TKA.ServiceDefaults.Configuration;

namespace TKA.Operator.Options;

/// <summary>Checks <see cref="OperatorOptions"/> at start; every message names key and value and says what to write.</summary>
internal sealed class OperatorOptionsValidation : IValidateOptions<OperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorOptions options) => new OptionChecks()
        .RequireText("operator.namespace", options.Namespace, "Name the namespace of the sessions, like tka-sessions.")
        .RequireText("operator.systemNamespace", options.SystemNamespace, "Name the namespace of TKA's workloads, like tka-system.")
        .Require(
            options.Namespace != options.SystemNamespace,
            $"operator.namespace and operator.systemNamespace are both \"{options.Namespace}\". They must differ: whoever may issue tokens in the one must not issue them for TKA itself.")
        .Require(
            options.Roles.Allowed.Count > 0 && !options.Roles.Allowed.Any(string.IsNullOrWhiteSpace),
            $"operator.allowedRoles is \"{string.Join(',', options.Roles.Allowed)}\". List at least one ClusterRole, and no empty name, like view,tka-edit.")
        .Require(
            options.ClusterWideRoles is null || !options.Roles.ClusterWide.Except(options.Roles.Allowed).Any(),
            $"operator.clusterWideRoles is \"{string.Join(',', options.Roles.ClusterWide)}\". Name only roles that operator.allowedRoles names too.")
        .RequireAtLeast("operator.maxPeriod", options.MaxPeriod, TkaSigninResource.MinimumPeriod)
        .RequireBetween("operator.workers", options.Workers, 1, 100)
        .Require(options.DrainTimeout >= TimeSpan.Zero, $"operator.drainTimeout is {options.DrainTimeout}. Write 0s or more.")
        .Result;
}

/// <summary>Checks <see cref="TokenServiceOptions"/> at start.</summary>
internal sealed class TokenServiceOptionsValidation : IValidateOptions<TokenServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenServiceOptions options) => new OptionChecks()
        .RequireAddress("operator.tokenService.address", options.Address)
        .RequireBetween("operator.tokenService.port", options.Port, 0, ushort.MaxValue)
        .Require(
            string.IsNullOrEmpty(options.CertificateFile) == string.IsNullOrEmpty(options.KeyFile),
            $"operator.tokenService.certificateFile is \"{options.CertificateFile}\" and operator.tokenService.keyFile is \"{options.KeyFile}\". They belong together: set both or neither.")
        .Require(IsMissingOrExists(options.CertificateFile), $"operator.tokenService.certificateFile is {options.CertificateFile}, which does not exist. Correct the path.")
        .Require(IsMissingOrExists(options.KeyFile), $"operator.tokenService.keyFile is {options.KeyFile}, which does not exist. Correct the path.")
        .RequireBetween("operator.tokenService.burst", options.Burst, 1)
        .RequireBetween("operator.tokenService.perMinute", options.PerMinute, 1)
        .RequireBetween("operator.tokenService.reviewCache", options.ReviewCache, TimeSpan.Zero, TimeSpan.FromMinutes(10))
        .RequireBetween("operator.tokenService.readyWait", options.ReadyWait, TimeSpan.Zero, TimeSpan.FromSeconds(30))
        .Result;

    private static bool IsMissingOrExists(string? file) => string.IsNullOrEmpty(file) || File.Exists(file);
}

/// <summary>Checks <see cref="LedgerOptions"/> at start.</summary>
internal sealed class LedgerOptionsValidation : IValidateOptions<LedgerOptions>
{
    public ValidateOptionsResult Validate(string? name, LedgerOptions options) => new OptionChecks()
        .RequireBetween("operator.ledger.retentionDays", options.RetentionDays, 1)
        .Result;
}
