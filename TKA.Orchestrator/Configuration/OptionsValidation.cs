using Microsoft.Extensions.Options;
using TKA.Contracts;
using TKA.ServiceDefaults.Configuration;

namespace TKA.Orchestrator.Configuration;

/// <summary>Checks that options make sense together; messages name key, value and fix.</summary>
internal sealed class OptionsValidation : IValidateOptions<RegistryOptions>
{
    public ValidateOptionsResult Validate(string? name, RegistryOptions options)
    {
        return new OptionChecks()
            .RequireBetween("orchestrator.heartbeat", options.Heartbeat, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))
            .RequireBetween("orchestrator.missedHeartbeats", options.MissedHeartbeats, 1, 100)
            .RequireBetween("orchestrator.clusterPort", options.ClusterPort, 1, ushort.MaxValue)
            .Require(
                options.Lifetime > options.StaleAfter,
                $"orchestrator.lifetime is {GoDuration.Format(options.Lifetime)}, not longer than the {GoDuration.Format(options.StaleAfter)} after which a cluster is stale. Write a longer one.")
            .Require(
                options.ClusterTag.Length == 0 || options.ClusterTag.StartsWith("tag:", StringComparison.Ordinal),
                $"orchestrator.clusterTag is \"{options.ClusterTag}\", which is no tag. Write it like tag:tka.")
            .Result;
    }
}
