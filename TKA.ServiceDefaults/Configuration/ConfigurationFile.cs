using Microsoft.Extensions.Configuration;
using NetEscapades.Configuration.Yaml;
using YamlDotNet.Core;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>The YAML file of a service.</summary>
internal static class ConfigurationFile
{
    /// <summary>The file to read: <c>--config</c>, else <c>TKA_CONFIG</c>, else the first default that exists; <see langword="null"/>: none.</summary>
    /// <exception cref="ConfigurationException">A file that was named does not exist.</exception>
    public static string? Find(ServiceSettings service, string? named, Func<string, string?> environment)
    {
        if (named is { Length: > 0 })
        {
            return Existing("--config", named);
        }

        if (environment("TKA_CONFIG") is { Length: > 0 } variable)
        {
            return Existing("TKA_CONFIG", variable);
        }

        return service.Files.Select(file => Expand(file, environment)).FirstOrDefault(File.Exists);
    }

    /// <summary>Reads a file into configuration keys.</summary>
    /// <exception cref="ConfigurationException">It cannot be opened, or is no YAML map; the message has the line.</exception>
    public static IReadOnlyDictionary<string, string?> Read(string path)
    {
        var source = new YamlConfigurationSource { Path = path, Optional = false, ReloadOnChange = false };
        source.ResolveFileProvider();
        try
        {
            return ((IConfigurationRoot)new ConfigurationBuilder().Add(source).Build()).AsEnumerable()
                .Where(pair => pair.Value is not null)
                .ToDictionary(StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception exception)
            when (exception is FormatException or InvalidDataException or InvalidCastException or YamlException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(Explain(path, exception), exception);
        }
    }

    private static string Explain(string path, Exception exception) => exception.GetBaseException() switch
    {
        YamlException yaml => $"{path} is not readable YAML (line {yaml.Start.Line}): {yaml.Message.ReplaceLineEndings(" ")} Correct that line.",
        UnauthorizedAccessException => $"{path} cannot be read by this user. Make it readable or name another file with --config.",
        InvalidCastException => $"{path} is not a YAML map of settings. Write it like \"tailscale: {{hostname: tka}}\".",
        var cause => $"{path} cannot be read: {cause.Message.ReplaceLineEndings(" ")}",
    };

    private static string Existing(string origin, string path) =>
        File.Exists(path)
            ? Path.GetFullPath(path)
            : throw new ConfigurationException($"{origin} names {path}, which is not a file. Correct the path or leave it out.");

    private static string Expand(string path, Func<string, string?> environment)
    {
        const string Home = "~/.config/";
        if (!path.StartsWith(Home, StringComparison.Ordinal))
        {
            return Path.GetFullPath(path);
        }

        var directory = environment("XDG_CONFIG_HOME") is { Length: > 0 } config
            ? config
            : Path.Combine(environment("HOME") ?? "/nonexistent", ".config");
        return Path.Combine(directory, path[Home.Length..]);
    }
}
