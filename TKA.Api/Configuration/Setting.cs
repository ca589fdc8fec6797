namespace TKA.Api.Configuration;

/// <summary>What a setting's text must be.</summary>
internal enum SettingKind
{
    Text,
    Switch,
    Integer,
    Port,
    Duration,
    Url,
    FilePath,
    Base64,
    List,
    Map,
}

/// <summary>One setting of the API: where it can be set and what it does.</summary>
/// <param name="Key">Key in the configuration, sections joined by <c>:</c>.</param>
/// <param name="Kind">What its text must be.</param>
/// <param name="Default">Text of the default; empty when there is none.</param>
/// <param name="Summary">What it does, for <c>--help</c> and the documentation.</param>
internal sealed record Setting(string Key, SettingKind Kind, string Default, string Summary)
{
    /// <summary>Long flag of the Go TKA, beside the generic <c>--section.name</c>.</summary>
    public string? Flag { get; init; }

    /// <summary>One-letter flag.</summary>
    public char? Letter { get; init; }

    /// <summary>Key the value is used as; for keys kept from the Go TKA that have another name here.</summary>
    public string? Means { get; init; }

    /// <summary>The key as people write it.</summary>
    public string Name => Key.Replace(':', '.');

    /// <summary>The environment variable, as the Go TKA names it.</summary>
    public string EnvironmentVariable => "TKA_" + Key.Replace(':', '_').ToUpperInvariant();
}
