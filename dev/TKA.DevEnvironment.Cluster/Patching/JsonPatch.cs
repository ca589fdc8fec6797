using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>JSON Patch, RFC 6902, with paths as in RFC 6901.</summary>
internal static class JsonPatch
{
    /// <summary>As in Kubernetes: more operations than this are refused.</summary>
    private const int MostOperations = 10_000;

    /// <summary>Applies all operations, or none.</summary>
    /// <exception cref="StatusException">400 when it is no patch; 422 when it does not fit the object.</exception>
    public static JsonNode? Apply(JsonNode target, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
        {
            throw Statuses.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch");
        }

        if (operations.Count > MostOperations)
        {
            throw new StatusException(
                413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        }

        return operations.Aggregate((JsonNode?)target, (root, operation) =>
            ApplyOne(root, operation as JsonObject ?? throw Statuses.BadRequest("error decoding patch: an operation must be an object")));
    }

    private static JsonNode? ApplyOne(JsonNode? root, JsonObject operation)
    {
        var path = Pointer(operation, "path");
        switch (operation.Text("op"))
        {
            case "add":
                return Add(root, path, Value(operation));
            case "remove":
                return Remove(root, path);
            case "replace":
                return path.Length == 0 ? Value(operation) : Add(Remove(root, path), path, Value(operation));
            case "move":
                var from = Pointer(operation, "from");
                var moved = Get(root, from)?.DeepClone();
                return Add(Remove(root, from), path, moved);
            case "copy":
                return Add(root, path, Get(root, Pointer(operation, "from"))?.DeepClone());
            case "test" when JsonNode.DeepEquals(Get(root, path), operation["value"]):
                return root;
            default:
                throw DoesNotFit();
        }
    }

    private static JsonNode? Value(JsonObject operation) => operation.ContainsKey("value") ? operation["value"]?.DeepClone() : throw DoesNotFit();

    private static string[] Pointer(JsonObject operation, string name) => operation[name] switch
    {
        null => throw DoesNotFit(),
        JsonValue value when value.TryGetValue<string>(out var text) => text.Split('/') is ["", .. var tokens]
            ? [.. tokens.Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]
            : throw DoesNotFit(),
        _ => throw Statuses.BadRequest($"error decoding patch: {name} is no string"),
    };

    private static JsonNode? Get(JsonNode? root, ReadOnlySpan<string> path)
    {
        foreach (var token in path)
        {
            root = root switch
            {
                JsonObject map when map.TryGetPropertyValue(token, out var child) => child,
                JsonArray array => array[Index(token, array.Count - 1)],
                _ => throw DoesNotFit(),
            };
        }

        return root;
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path is not [.. var parent, var last])
        {
            return value;
        }

        switch (Get(root, parent))
        {
            case JsonObject map:
                map[last] = value;
                break;
            case JsonArray array:
                array.Insert(last == "-" ? array.Count : Index(last, array.Count), value);
                break;
            default:
                throw DoesNotFit();
        }

        return root;
    }

    private static JsonNode? Remove(JsonNode? root, string[] path)
    {
        switch (path.Length > 0 ? Get(root, path.AsSpan(..^1)) : null)
        {
            case JsonObject map when map.Remove(path[^1]):
                break;
            case JsonArray array:
                array.RemoveAt(Index(path[^1], array.Count - 1));
                break;
            default:
                throw DoesNotFit();
        }

        return root;
    }

    /// <summary>An array index no greater than <paramref name="last"/>.</summary>
    private static int Index(string token, int last) =>
        int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last && (token.Length == 1 || token[0] != '0')
            ? index
            : throw DoesNotFit();

    // The real server gives no more detail either.
    private static StatusException DoesNotFit() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request") { Details = ("", "", "", "") };
}
