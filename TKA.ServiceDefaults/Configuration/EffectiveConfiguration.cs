using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>
/// Where settings come from, weakest first: <c>appsettings.json</c>, the YAML file, environment variables
/// (<c>Tailscale__Hostname</c>, then <c>TKA_TAILSCALE_HOSTNAME</c>), flags, and what the embedding program adds.
/// </summary>
internal static class EffectiveConfiguration
{
    // Four lines of the framework for every request would bury the audit records; Logging:LogLevel overrides this.
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
    };

    /// <summary>Adds the YAML file and the <c>TKA_</c> variables, below flags and whatever was added after them.</summary>
    /// <returns>Keys that the YAML file has.</returns>
    /// <exception cref="ConfigurationException">The YAML file is missing, when named, or cannot be read.</exception>
    public static IReadOnlyCollection<string> AddSources(
        ConfigurationManager configuration, ServiceSettings service, string? configFile, Func<string, string?> environment)
    {
        IList<IConfigurationSource> sources = configuration.Sources;
        sources.Insert(0, Memory(Defaults));
        var variables = sources.Count - 1;
        while (variables > 0 && sources[variables] is not EnvironmentVariablesConfigurationSource { Prefix: null or "" })
        {
            variables--;
        }

        sources.Insert(variables + 1, Memory(FromEnvironment(service, environment)));
        if (ConfigurationFile.Find(service, configFile, environment) is not { } path)
        {
            return [];
        }

        var file = ConfigurationFile.Read(path);
        sources.Insert(Math.Max(variables, 1), Memory(file));
        return [.. file.Keys];
    }

    /// <summary>
    /// Follows renamed keys, checks every text against its kind, writes durations as .NET reads them, takes each list from its
    /// strongest source alone, and replaces all sources by the result, so that options bind in the ordinary way.
    /// </summary>
    /// <exception cref="ConfigurationException">Texts are not what they must be; the message has a line for each.</exception>
    public static void Settle(ConfigurationManager configuration, ServiceSettings service)
    {
        var values = new Dictionary<string, string?>(configuration.AsEnumerable().Where(pair => pair.Value is not null), StringComparer.OrdinalIgnoreCase);
        var insecure = !bool.TryParse(values.GetValueOrDefault("otel:insecure"), out var plain) || plain;
        var errors = new List<string>();
        foreach (var setting in service.All)
        {
            if (setting.Kind is SettingKind.List or SettingKind.Map)
            {
                SettleEntries(values, setting, ((IConfigurationRoot)configuration).Providers);
            }
            else if (values.TryGetValue(setting.Key, out var text))
            {
                SettleText(values, setting, text!, insecure, errors);
            }
        }

        if (errors.Count > 0)
        {
            throw new ConfigurationException(string.Join(Environment.NewLine, errors));
        }

        if (values.GetValueOrDefault("debug") is { } debug && bool.Parse(debug))
        {
            values["Logging:LogLevel:Default"] = "Debug";
            values["Logging:LogLevel:Microsoft.AspNetCore"] = "Information";
        }

        IList<IConfigurationSource> sources = configuration.Sources;
        sources.Clear();
        sources.Add(Memory(values));
    }

    private static void SettleText(Dictionary<string, string?> values, Setting setting, string text, bool insecure, List<string> errors)
    {
        if (text.Length == 0 && setting.IsTyped)
        {
            values.Remove(setting.Key);
            return;
        }

        if (text.Length > 0 && SettingText.Check(setting, text) is { } error)
        {
            errors.Add(error);
            return;
        }

        var value = text.Length == 0 ? text : SettingText.ForBinder(setting, text, insecure);
        values[setting.Key] = value;
        if (value.Length > 0 && setting.Means is { } meaning && string.IsNullOrEmpty(values.GetValueOrDefault(meaning)))
        {
            values[meaning] = value;
        }
    }

    /// <summary>
    /// .NET merges lists by index, so that a shorter list in the environment would keep the tail of the one in the file; for roles
    /// that may be bound this would grant more than was written. Maps are merged by key, as they are in .NET.
    /// </summary>
    private static void SettleEntries(Dictionary<string, string?> values, Setting setting, IEnumerable<IConfigurationProvider> providers)
    {
        var entries = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var provider in providers.Reverse())
        {
            foreach (var (key, value) in Entries(provider, setting))
            {
                entries.TryAdd(key, value);
            }

            if (setting.Kind == SettingKind.List && entries.Count > 0)
            {
                break;
            }
        }

        foreach (var key in values.Keys.Where(key => $"{key}:".StartsWith($"{setting.Key}:", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            values.Remove(key);
        }

        foreach (var (key, value) in entries)
        {
            values[key] = value;
        }
    }

    private static Dictionary<string, string> Entries(IConfigurationProvider provider, Setting setting)
    {
        var entries = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (provider.TryGet(setting.Key, out var text) && text is { Length: > 0 })
        {
            ServiceArguments.Spread(entries, setting, setting.Key, text);
        }

        foreach (var key in provider.GetChildKeys([], setting.Key).Select(child => $"{setting.Key}:{child}"))
        {
            if (provider.TryGet(key, out var value) && value is not null)
            {
                entries[key] = value;
            }
        }

        return entries;
    }

    private static Dictionary<string, string?> FromEnvironment(ServiceSettings service, Func<string, string?> environment)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in service.All)
        {
            if (environment(setting.EnvironmentVariable) is { Length: > 0 } value)
            {
                ServiceArguments.Spread(values, setting, setting.Key, value);
            }
        }

        return values.ToDictionary(pair => pair.Key, pair => (string?)pair.Value, StringComparer.OrdinalIgnoreCase);
    }

    private static MemoryConfigurationSource Memory(IEnumerable<KeyValuePair<string, string?>> values) => new() { InitialData = values };
}
