namespace TKA.ServiceDefaults.Configuration;

/// <summary>One setting of a service: where it can be set and what it does.</summary>
/// <param name="Key">Key in the configuration, sections joined by <c>:</c>.</param>
/// <param name="Kind">What its text must be.</param>
/// <param name="Default">Text of the default; empty when there is none.</param>
/// <param name="Summary">What it does, for <c>--help</c> and docs/configuration.md.</param>
public sealed record Setting(string Key, SettingKind Kind, string Default, string Summary)
{
    /// <summary>Long flag of the Go TKA, beside the generic <c>--section.name</c>.</summary>
    public string? Flag { get; init; }

    /// <summary>One-letter flag.</summary>
    public char? Letter { get; init; }

    /// <summary>Key that the value is used as, for keys that have another name here. That other key is stronger.</summary>
    public string? Means { get; init; }

    /// <summary>The key as people write it, sections joined by <c>.</c>.</summary>
    public string Name => Key.Replace(':', '.');

    /// <summary>The environment variable as the Go TKA names it: <c>TKA_SERVER_READTIMEOUT</c>.</summary>
    public string EnvironmentVariable => "TKA_" + Key.Replace(':', '_').ToUpperInvariant();

    /// <summary>Whether an empty text can only mean that the setting is not set.</summary>
    internal bool IsTyped => Kind is not (SettingKind.Text or SettingKind.FilePath or SettingKind.List or SettingKind.Map);
}
