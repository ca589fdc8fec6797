using System.Globalization;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using NetEscapades.Configuration.Yaml;
using TKA.Contracts;
using YamlDotNet.Core;

namespace TKA.Api.Configuration;

/// <summary>
/// Where settings come from, weakest first: <c>appsettings.json</c>, the YAML file, environment variables
/// (<c>Tailscale__Hostname</c>, then <c>TKA_TAILSCALE_HOSTNAME</c>), flags, and what the embedding program adds.
/// </summary>
internal static class ConfigurationSources
{
    // Four lines of the framework for every request would bury the audit records; Logging:LogLevel overrides this.
    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
    };

    /// <summary>Adds the YAML file and the <c>TKA_</c> environment, below flags and whatever was added after them.</summary>
    /// <exception cref="ConfigurationException">The YAML file is missing, when named, or cannot be read.</exception>
    public static void AddTkaSources(this ConfigurationManager configuration, string? configFile, Func<string, string?> environment)
    {
        IList<IConfigurationSource> sources = configuration.Sources;
        sources.Insert(0, Memory(Defaults));
        var variables = LastIndex(sources, source => source is EnvironmentVariablesConfigurationSource { Prefix: null or "" });
        if (variables < 0)
        {
            variables = LastIndex(sources, _ => true);
        }

        sources.Insert(variables + 1, Memory(FromEnvironment(environment)));
        if (FindFile(configFile, environment) is { } path)
        {
            InsertYaml(sources, variables, path);
        }
    }

    /// <summary>
    /// Follows renamed keys, checks every text against its kind and writes durations as .NET reads them, as the
    /// strongest source, so that options bind in the ordinary way.
    /// </summary>
    /// <exception cref="ConfigurationException">Texts are not what they must be; the message has a line for each.</exception>
    public static void Normalize(this ConfigurationManager configuration)
    {
        var normal = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var errors = new List<string>();
        foreach (var setting in Settings.All)
        {
            if (configuration[setting.Key] is not { Length: > 0 } text)
            {
                continue;
            }

            if (SettingText.Check(setting, text) is { } error)
            {
                errors.Add(error);
                continue;
            }

            if (setting.Kind == SettingKind.Duration && GoDuration.TryParse(text, out var duration))
            {
                normal[setting.Key] = duration.ToString("c", CultureInfo.InvariantCulture);
            }

            if (setting.Means is { } meaning && string.IsNullOrEmpty(configuration[meaning]))
            {
                normal[meaning] = text;
            }
        }

        if (configuration.GetValue("debug", false) && errors.Count == 0)
        {
            normal["Logging:LogLevel:Default"] = "Debug";
            normal["Logging:LogLevel:Microsoft.AspNetCore"] = "Information";
        }

        if (errors.Count > 0)
        {
            throw new ConfigurationException(string.Join(Environment.NewLine, errors));
        }

        configuration.AddInMemoryCollection(normal);
    }

    private static Dictionary<string, string> FromEnvironment(Func<string, string?> environment)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in Settings.All)
        {
            if (environment(setting.EnvironmentVariable) is { Length: > 0 } value)
            {
                CommandLine.Add(values, setting, setting.Key, value);
            }
        }

        return values;
    }

    private static string? FindFile(string? named, Func<string, string?> environment)
    {
        if (named is { Length: > 0 })
        {
            return File.Exists(named)
                ? Path.GetFullPath(named)
                : throw new ConfigurationException($"--config names {named}, which does not exist. Correct the path or leave the option out.");
        }

        // The Go TKA's search path.
        var home = environment("XDG_CONFIG_HOME") is { Length: > 0 } config
            ? config
            : Path.Combine(environment("HOME") ?? "/nonexistent", ".config");
        string[] candidates = [Path.GetFullPath("config.yaml"), Path.Combine(home, "tka", "config.yaml"), "/etc/tka/config.yaml"];
        return candidates.FirstOrDefault(File.Exists);
    }

    private static void InsertYaml(IList<IConfigurationSource> sources, int index, string path)
    {
        var source = new YamlConfigurationSource { Path = path, Optional = false, ReloadOnChange = false };
        source.ResolveFileProvider();
        try
        {
            sources.Insert(index, source);
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or YamlException)
        {
            var cause = exception.GetBaseException();
            var where = cause is YamlException yaml ? $" (line {yaml.Start.Line})" : "";
            throw new ConfigurationException($"{path} is not readable YAML{where}: {cause.Message}", exception);
        }
    }

    private static Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource Memory(Dictionary<string, string> values) =>
        new() { InitialData = values.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value)) };

    private static int LastIndex(IList<IConfigurationSource> sources, Func<IConfigurationSource, bool> matches)
    {
        for (var i = sources.Count - 1; i >= 0; i--)
        {
            if (matches(sources[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
