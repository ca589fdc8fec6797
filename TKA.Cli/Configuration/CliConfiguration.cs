using TKA.Cli.Errors;

namespace TKA.Cli.Configuration;

/// <summary>Configuration of one run. Highest first: flag, environment, file, default.</summary>
/// <param name="flags">Keys set by flags, and which flag gave which value.</param>
/// <param name="file">The file in use, if any.</param>
internal sealed class CliConfiguration(IReadOnlyDictionary<string, (string Flag, string Value)> flags, ConfigFile? file)
{
    /// <summary>The machine's file.</summary>
    public const string MachinePath = "/etc/tka/config.yaml";

    /// <summary>The file in use, if any.</summary>
    public ConfigFile? File { get; } = file;

    /// <summary>The value of a key.</summary>
    /// <exception cref="CliException">The value set for it is not allowed.</exception>
    public string this[ConfigKey key] => Lookup(key).Value;

    /// <summary>A yes-or-no key.</summary>
    public bool Is(ConfigKey key) => this[key].Equals("true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The value of a key and where it comes from.</summary>
    /// <exception cref="CliException">The value set for it is not allowed.</exception>
    public (string Value, string Source) Lookup(ConfigKey key)
    {
        var (value, source) = Find(key);
        if (source != "default" && key.Check?.Invoke(value) is { } problem)
        {
            throw flags.TryGetValue(key.Name, out var flag)
                ? new CliException(ErrorCodes.ConfigInvalidValue, ExitCode.Usage, $"'{value}' is no value for {flag.Flag}: it {problem}.", ["See tka --help"])
                : new CliException(
                    ErrorCodes.ConfigInvalidValue,
                    ExitCode.Unusable,
                    $"'{value}' is no value for {key.Name} (from {source}): it {problem}.",
                    [$"Correct it in {source}, or set it for all runs with: tka config {key.Name} VALUE"]);
        }

        return (value, source);
    }

    /// <summary>Whether anything but the default sets the key.</summary>
    public bool IsSet(ConfigKey key) => Find(key).Source != "default";

    private (string Value, string Source) Find(ConfigKey key)
    {
        if (flags.TryGetValue(key.Name, out var flag))
        {
            return (flag.Value, "flag");
        }

        if (key.OtherVariable is { } other && Environment.GetEnvironmentVariable(other) is { Length: > 0 } named)
        {
            return (named, other);
        }

        if (Environment.GetEnvironmentVariable(key.EnvironmentVariable) is { Length: > 0 } variable)
        {
            return (variable, key.EnvironmentVariable);
        }

        return File is not null && File.Values.TryGetValue(key.Name, out var value)
            ? (value, File.Path)
            : (key.Default, "default");
    }
}
