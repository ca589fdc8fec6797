using System.Text.Json.Serialization;

namespace TKA.Contracts.Rest;

/// <summary>Answer to <c>GET /</c> for clients that do not ask for a page: paths on the same server.</summary>
public sealed record ServiceIndex
{
    /// <summary>Name of the service.</summary>
    [JsonPropertyName("title")]
    public required string Title { get; init; }

    /// <summary>Base path of the API.</summary>
    [JsonPropertyName("api")]
    public required string Api { get; init; }

    /// <summary>Its description, OpenAPI 3.1 as JSON.</summary>
    [JsonPropertyName("openapi")]
    public required string OpenApi { get; init; }

    /// <summary>The same as YAML.</summary>
    [JsonPropertyName("openapi_yaml")]
    public required string OpenApiYaml { get; init; }

    /// <summary>The description as a page.</summary>
    [JsonPropertyName("scalar")]
    public required string Scalar { get; init; }
}
