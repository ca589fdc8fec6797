using Microsoft.Net.Http.Headers;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>In which shape an answer is wanted.</summary>
internal enum ResponseShape
{
    /// <summary>The objects themselves.</summary>
    Object,

    /// <summary><c>meta.k8s.io/v1 Table</c>.</summary>
    Table,

    /// <summary><c>meta.k8s.io/v1 PartialObjectMetadata</c> and its list.</summary>
    Metadata,
}

/// <summary>The outcome of content negotiation.</summary>
internal readonly record struct ResponseFormat(ResponseShape Shape, bool Yaml)
{
    public string ContentType => Yaml ? MediaTypes.Yaml : MediaTypes.Json;
}

/// <summary>Content negotiation: JSON and YAML, no protobuf and no CBOR.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Yaml = "application/yaml";
    public const string Offered = Json + ", " + Yaml;
    public const string JsonPatch = "application/json-patch+json";
    public const string MergePatch = "application/merge-patch+json";
    public const string StrategicMergePatch = "application/strategic-merge-patch+json";
    public const string ApplyPatch = "application/apply-patch+yaml";

    /// <summary>Picks the first acceptable form in order of preference.</summary>
    /// <exception cref="StatusException">406: none.</exception>
    public static ResponseFormat Negotiate(HttpRequest request, bool shapes)
    {
        var accept = request.Headers.Accept;
        if (accept.Count == 0 || string.IsNullOrWhiteSpace(accept.ToString()))
        {
            return default;
        }

        if (!MediaTypeHeaderValue.TryParseList(accept, out var wanted))
        {
            throw Statuses.NotAcceptable(Offered);
        }

        foreach (var type in wanted.OrderByDescending(t => t.Quality ?? 1))
        {
            if (Match(type, shapes) is { } format)
            {
                return format;
            }
        }

        throw Statuses.NotAcceptable(Offered);
    }

    private static ResponseFormat? Match(MediaTypeHeaderValue type, bool shapes)
    {
        bool yaml;
        switch (type.MediaType.Value?.ToLowerInvariant())
        {
            case Json or "application/*" or "*/*":
                yaml = false;
                break;
            case Yaml:
                yaml = true;
                break;
            default:
                return null;
        }

        var kind = Parameter(type, "as");
        if (kind.Length == 0)
        {
            return new ResponseFormat(ResponseShape.Object, yaml);
        }

        if (!shapes || Parameter(type, "g") != "meta.k8s.io" || Parameter(type, "v") != "v1")
        {
            return null;
        }

        return kind switch
        {
            "Table" => new ResponseFormat(ResponseShape.Table, yaml),
            "PartialObjectMetadata" or "PartialObjectMetadataList" => new ResponseFormat(ResponseShape.Metadata, yaml),
            _ => null,
        };
    }

    private static string Parameter(MediaTypeHeaderValue type, string name) =>
        type.Parameters.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.Value ?? "";
}
