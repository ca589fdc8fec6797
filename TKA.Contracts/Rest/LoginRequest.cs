using System.Text.Json.Serialization;

namespace TKA.Contracts.Rest;

/// <summary>Optional body of <c>POST /login</c>.</summary>
public sealed record LoginRequest
{
    /// <summary>Go duration, at most what the grant allows.</summary>
    [JsonPropertyName("period"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Period { get; init; }

    /// <summary>One of the granted roles.</summary>
    [JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }
}
