using TKA.Contracts;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>
/// Every setting of one service. <c>--help</c>, the <c>TKA_</c> environment variables, the checks at start, the hints about
/// misspelled keys and docs/configuration.md all follow from this list.
/// </summary>
public sealed class ServiceSettings
{
    private readonly Dictionary<string, Setting> _byKey;

    /// <summary>Describes a service.</summary>
    /// <param name="name">Name of the executable, such as <c>TKA.Api</c>.</param>
    /// <param name="summary">What the service does, one sentence.</param>
    /// <param name="files">YAML files, of which the first that exists is read when none is named; <c>~/.config</c> is <c>$XDG_CONFIG_HOME</c>.</param>
    /// <param name="settings">The settings, in the order of the help.</param>
    /// <exception cref="ArgumentException">Two settings have the same key.</exception>
    public ServiceSettings(string name, string summary, IReadOnlyList<string> files, params IEnumerable<Setting>[] settings)
    {
        Name = name;
        Summary = summary;
        Files = files;
        All = [.. settings.SelectMany(group => group)];
        _byKey = All.ToDictionary(setting => setting.Key, StringComparer.OrdinalIgnoreCase);
        Sections = All.Where(setting => setting.Key.Contains(':', StringComparison.Ordinal))
            .Select(setting => setting.Key[..setting.Key.IndexOf(':', StringComparison.Ordinal)])
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Name of the executable.</summary>
    public string Name { get; }

    /// <summary>What the service does.</summary>
    public string Summary { get; }

    /// <summary>YAML files that are looked for when none is named.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The settings, in the order of the help.</summary>
    public IReadOnlyList<Setting> All { get; }

    /// <summary>First parts of the keys.</summary>
    internal IReadOnlySet<string> Sections { get; }

    /// <summary>The setting of a key, written with <c>:</c> or <c>.</c>, in any case.</summary>
    public Setting? Find(string key) => _byKey.GetValueOrDefault(key.Replace('.', ':'));

    /// <summary>Whether a key is a setting or an entry of a list or a map.</summary>
    internal bool Knows(string key) =>
        Find(key) is not null
        || (key.LastIndexOf(':') is var end and > 0 && Find(key[..end]) is { Kind: SettingKind.List or SettingKind.Map });

    /// <summary>The name that was probably meant; <see langword="null"/> when none is near.</summary>
    internal string? Nearest(string name) => Spelling.Nearest(name, All.Select(setting => setting.Name));
}
