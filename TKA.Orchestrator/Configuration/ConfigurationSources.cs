using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;
using NetEscapades.Configuration.Yaml;
using TKA.Contracts;

namespace TKA.Orchestrator.Configuration;

/// <summary>
/// Where settings come from, weakest first: <c>appsettings.json</c>, the YAML file (<c>--config</c>, else
/// <c>/etc/tka/orchestrator.yaml</c> when it exists), environment variables (<c>Tailscale__Hostname</c>, then
/// <c>TKA_TAILSCALE_HOSTNAME</c>), flags, and what the embedding program adds.
/// </summary>
internal static class ConfigurationSources
{
    private const string DefaultFile = "/etc/tka/orchestrator.yaml";
    private const string Prefix = "TKA_";

    private static readonly string[] Durations =
        ["orchestrator:heartbeat", "orchestrator:lifetime", "dapr:timeout", "tailscale:whoIsCache", "tailscale:localApiTimeout"];

    public static void AddTkaSources(this ConfigurationManager configuration)
    {
        IList<IConfigurationSource> sources = configuration.Sources;
        var file = configuration["config"] ?? (File.Exists(DefaultFile) ? DefaultFile : null);
        var environment = sources.Select((source, index) => (source, index))
            .LastOrDefault(item => item.source is EnvironmentVariablesConfigurationSource { Prefix: null or "" }).index;
        sources.Insert(environment + 1, new MemoryConfigurationSource { InitialData = TkaVariables() });
        if (file is not null)
        {
            var yaml = new YamlConfigurationSource { Path = Path.GetFullPath(file), Optional = false };
            yaml.ResolveFileProvider();
            sources.Insert(environment, yaml);
        }
    }

    /// <summary>Durations may be written as everywhere in TKA (<c>30s</c>, <c>24h</c>); .NET's binder knows only its own form.</summary>
    /// <exception cref="FormatException">A duration cannot be read.</exception>
    public static void NormalizeDurations(this ConfigurationManager configuration)
    {
        var normal = new Dictionary<string, string?>();
        foreach (var key in Durations)
        {
            if (configuration[key] is not { Length: > 0 } text || TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _))
            {
                continue;
            }

            normal[key] = GoDuration.TryParse(text, out var duration)
                ? duration.ToString("c", CultureInfo.InvariantCulture)
                : throw new FormatException($"{key} is '{text}', which is not a duration. Write it like 30s, 8h or 1h30m.");
        }

        configuration.AddInMemoryCollection(normal);
    }

    private static Dictionary<string, string?> TkaVariables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => ((string)variable.Key).StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(
                variable => ((string)variable.Key)[Prefix.Length..].Replace('_', ':'),
                variable => (string?)variable.Value,
                StringComparer.OrdinalIgnoreCase);
}
