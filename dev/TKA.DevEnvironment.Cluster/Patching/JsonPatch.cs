namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>JSON Patch, RFC 6902.</summary>
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

        JsonNode? root = target;
        foreach (var node in operations)
        {
            root = ApplyOne(root, node as JsonObject ?? throw Statuses.BadRequest("error decoding patch: an operation must be an object"));
        }

        return root;
    }

    private static JsonNode? ApplyOne(JsonNode? root, JsonObject operation)
    {
        var path = Pointer(operation, "path");
        switch (operation.Text("op"))
        {
            case "add":
                return Add(root, path, Value(operation));
            case "remove":
                Remove(root, path);
                return root;
            case "replace" when path.Length == 0:
                return Value(operation);
            case "replace":
                Remove(root, path);
                return Add(root, path, Value(operation));
            case "move":
                var from = Pointer(operation, "from");
                var moved = Get(root, from)?.DeepClone();
                Remove(root, from);
                return Add(root, path, moved);
            case "copy":
                return Add(root, path, Get(root, Pointer(operation, "from"))?.DeepClone());
            case "test" when JsonNode.DeepEquals(Get(root, path), operation["value"]):
                return root;
            default:
                throw DoesNotFit();
        }
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.ContainsKey("value")
            ? operation["value"]?.DeepClone()
            : throw DoesNotFit();

    private static string[] Pointer(JsonObject operation, string name) => operation[name] switch
    {
        null => throw DoesNotFit(),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonPointer.Parse(text) ?? throw DoesNotFit(),
        _ => throw Statuses.BadRequest($"error decoding patch: {name} is no string"),
    };

    private static JsonNode? Get(JsonNode? root, ReadOnlySpan<string> path) => JsonPointer.TryGet(root, path, out var value) ? value : throw DoesNotFit();

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
            case JsonArray array when last == "-":
                array.Add(value);
                break;
            case JsonArray array when JsonPointer.TryIndex(last, array.Count, out var index):
                array.Insert(index, value);
                break;
            default:
                throw DoesNotFit();
        }

        return root;
    }

    private static void Remove(JsonNode? root, string[] path)
    {
        if (path is not [.. var parent, var last])
        {
            throw DoesNotFit();
        }

        switch (Get(root, parent))
        {
            case JsonObject map when map.Remove(last):
                break;
            case JsonArray array when JsonPointer.TryIndex(last, array.Count - 1, out var index):
                array.RemoveAt(index);
                break;
            default:
                throw DoesNotFit();
        }
    }

    // The real server gives no more detail either.
    private static StatusException DoesNotFit() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request") { Details = ("", "", "", "") };
}
