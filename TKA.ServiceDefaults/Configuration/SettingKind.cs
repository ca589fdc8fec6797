namespace TKA.ServiceDefaults.Configuration;

/// <summary>What the text of a setting must be.</summary>
public enum SettingKind
{
    /// <summary>Anything.</summary>
    Text,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Switch,

    /// <summary>A whole number of 0 or more.</summary>
    Number,

    /// <summary>A TCP port, 0 to 65535.</summary>
    Port,

    /// <summary>A Go duration of 0 or more, such as <c>1h30m</c>.</summary>
    Duration,

    /// <summary>An absolute URL without user info.</summary>
    Url,

    /// <summary>An absolute URL or <c>host:port</c>.</summary>
    Endpoint,

    /// <summary>Path of a file.</summary>
    FilePath,

    /// <summary>Base64.</summary>
    Base64,

    /// <summary>Several texts: a YAML list, or <c>a,b</c>.</summary>
    List,

    /// <summary>Texts by name: a YAML map, or <c>a=1,b=2</c>.</summary>
    Map,
}
