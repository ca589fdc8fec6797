using System.Text.Json.Serialization;

namespace TKA.Cli.Output;

/// <summary>JSON of <c>config</c>.</summary>
internal sealed record ConfigOutput
{
    /// <summary>Path of the file in use.</summary>
    [JsonPropertyName("file")]
    public string? File { get; init; }

    [JsonPropertyName("values")]
    public required IReadOnlyList<ConfigValueOutput> Values { get; init; }
}

/// <summary>JSON of <c>config KEY</c>.</summary>
internal sealed record ConfigValueOutput
{
    [JsonPropertyName("key")]
    public required string Key { get; init; }

    [JsonPropertyName("value")]
    public required string Value { get; init; }

    /// <summary><c>flag</c>, an environment variable, a file, or <c>default</c>.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }
}

/// <summary>JSON of <c>sessions end</c>.</summary>
internal sealed record EndedOutput
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("ended")]
    public bool Ended { get; init; } = true;
}

/// <summary>JSON of <c>doctor</c>.</summary>
internal sealed record DoctorOutput
{
    /// <summary>No check failed.</summary>
    [JsonPropertyName("healthy")]
    public required bool Healthy { get; init; }

    [JsonPropertyName("checks")]
    public required IReadOnlyList<DoctorCheckOutput> Checks { get; init; }
}

/// <summary>One check of <c>doctor</c>.</summary>
internal sealed record DoctorCheckOutput
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary><c>ok</c>, <c>warning</c>, <c>failed</c> or <c>skipped</c>.</summary>
    [JsonPropertyName("result")]
    public required string Result { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("advice"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Advice { get; init; }
}
