using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>Tolerant reads along a path of members: a missing field, or one of the wrong type, reads as empty.</summary>
internal static class ObjectPaths
{
    /// <summary>The node at a path of member names, or null.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var member in path)
        {
            if (node is not JsonObject map || !map.TryGetPropertyValue(member, out node))
            {
                return null;
            }
        }

        return node;
    }

    /// <summary>The string at a path, or the empty string.</summary>
    public static string Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";

    /// <summary>The strings of the list at a path, without items of other types.</summary>
    public static IReadOnlyList<string> Texts(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        if (node.At(path) is not JsonArray { Count: > 0 } list)
        {
            return [];
        }

        var texts = new List<string>(list.Count);
        foreach (var item in list)
        {
            if (item is JsonValue value && value.GetValueKind() == JsonValueKind.String)
            {
                texts.Add(value.GetValue<string>());
            }
        }

        return texts;
    }

    /// <summary>The objects of the list at a path, without items of other types.</summary>
    public static IReadOnlyList<JsonObject> Objects(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray { Count: > 0 } list ? [.. list.OfType<JsonObject>()] : [];

    /// <summary>Name in <c>metadata</c>.</summary>
    public static string Name(this JsonObject resource) => resource.Text("metadata", "name");

    /// <summary>Namespace in <c>metadata</c>, empty for cluster-scoped objects.</summary>
    public static string Namespace(this JsonObject resource) => resource.Text("metadata", "namespace");

    /// <summary>A list of strings as JSON.</summary>
    public static JsonArray ToJsonArray(this IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
