using Microsoft.Net.Http.Headers;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Content negotiation: answers are JSON; bodies may also be YAML or protobuf.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Yaml = "application/yaml";
    public const string JsonPatch = "application/json-patch+json";
    public const string MergePatch = "application/merge-patch+json";
    public const string StrategicMergePatch = "application/strategic-merge-patch+json";
    public const string ApplyPatch = "application/apply-patch+yaml";

    /// <summary>Picks the first acceptable form in order of preference: whether it is a <c>meta.k8s.io/v1 Table</c> rather than the objects.</summary>
    /// <exception cref="StatusException">406: none.</exception>
    public static bool Negotiate(HttpRequest request, bool tables)
    {
        var accept = request.Headers.Accept;
        if (accept.Count == 0 || string.IsNullOrWhiteSpace(accept.ToString()))
        {
            return false;
        }

        if (!MediaTypeHeaderValue.TryParseList(accept, out var wanted))
        {
            throw Statuses.NotAcceptable(Json);
        }

        return wanted.OrderByDescending(type => type.Quality ?? 1).Select(type => IsTable(type, tables)).FirstOrDefault(table => table is not null)
            ?? throw Statuses.NotAcceptable(Json);
    }

    private static bool? IsTable(MediaTypeHeaderValue type, bool tables)
    {
        if (type.MediaType.Value?.ToLowerInvariant() is not (Json or "application/*" or "*/*"))
        {
            return null;
        }

        return Parameter(type, "as") switch
        {
            "" => false,
            "Table" when tables && Parameter(type, "g") == "meta.k8s.io" && Parameter(type, "v") == "v1" => true,
            _ => null,
        };
    }

    private static string Parameter(MediaTypeHeaderValue type, string name) =>
        type.Parameters.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.Value ?? "";
}
