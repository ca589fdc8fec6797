using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Validation.Builtin;

/// <summary>
/// Checks the fields that built-in types must have, and values of closed sets. Go cannot tell empty from absent, so empty is absent.
/// </summary>
internal static class FieldHints
{
    /// <summary>Reports every required field that is absent or empty, and every value that is not in the field's closed set.</summary>
    public static void Check(JsonNode? node, Schema schema, string path, FieldErrors errors)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var name in schema.Required.Where(n => IsEmpty(map[n])))
                {
                    errors.Required(path.Length == 0 ? name : $"{path}.{name}");
                }

                foreach (var (name, value) in map)
                {
                    if (schema.Member(name) is { } member && !ReferenceEquals(member, Schema.Anything))
                    {
                        Check(value, member, path.Length == 0 ? name : $"{path}.{name}", errors);
                    }
                }

                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    Check(array[i], items, $"{path}[{i}]", errors);
                }

                break;
            case JsonValue value when schema.Limits?.Enum is { } allowed && !IsEmpty(value) && !allowed.Any(item => JsonNode.DeepEquals(item, value)):
                errors.NotSupported(path, value.DeepClone(), allowed.Select(item => (string)item!));
                break;
            default:
                break;
        }
    }

    private static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonObject map => map.Count == 0,
        JsonArray array => array.Count == 0,
        JsonValue value => value.TryGetValue<string>(out var text) && text.Length == 0,
        _ => false,
    };
}
