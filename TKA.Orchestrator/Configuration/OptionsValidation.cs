using Microsoft.Extensions.Options;

namespace TKA.Orchestrator.Configuration;

/// <summary>Checks that options make sense together; messages name key, value and fix.</summary>
internal sealed class OptionsValidation : IValidateOptions<RegistryOptions>, IValidateOptions<DaprOptions>
{
    public ValidateOptionsResult Validate(string? name, RegistryOptions options)
    {
        var failures = new List<string>();
        if (options.Heartbeat < TimeSpan.FromSeconds(1) || options.Heartbeat > TimeSpan.FromHours(1))
        {
            failures.Add($"orchestrator:heartbeat is {options.Heartbeat}; set it between 1s and 1h, to what the clusters' API servers use.");
        }

        if (options.Lifetime <= options.StaleAfter)
        {
            failures.Add($"orchestrator:lifetime is {options.Lifetime}, not longer than the {options.StaleAfter} after which a cluster is stale; make it longer.");
        }

        failures.AddRange(options.RegistrarTags.Append(options.ClusterTag)
            .Where(tag => tag.Length > 0 && !tag.StartsWith("tag:", StringComparison.Ordinal))
            .Select(tag => $"orchestrator: '{tag}' is no tag; write it like tag:tka-cluster."));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    public ValidateOptionsResult Validate(string? name, DaprOptions options) =>
        options.Timeout > TimeSpan.Zero && options.Timeout <= TimeSpan.FromMinutes(1)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"dapr:timeout is {options.Timeout}; set it over 0 and up to 1m.");
}
