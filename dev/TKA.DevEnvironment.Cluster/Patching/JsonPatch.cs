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
        var name = operation.Text("op");
        var path = Pointer(operation, "path");
        switch (name)
        {
            case "add":
                return Add(root, path, Value(operation));
            case "remove":
                Remove(root, path);
                return root;
            case "replace":
                Get(root, path, "replace");
                if (path.Length == 0)
                {
                    return Value(operation);
                }

                Set(root, path, Value(operation));
                return root;
            case "move":
                var from = Pointer(operation, "from");
                var moved = Get(root, from, "move")?.DeepClone();
                Remove(root, from);
                return Add(root, path, moved);
            case "copy":
                return Add(root, path, Get(root, Pointer(operation, "from"), "copy")?.DeepClone());
            case "test":
                if (!JsonPointer.TryGet(root, path, out var actual) || !JsonNode.DeepEquals(actual, operation["value"]))
                {
                    throw DoesNotFit();
                }

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

    private static JsonNode? Get(JsonNode? root, string[] path, string operation) =>
        JsonPointer.TryGet(root, path, out var value)
            ? value
            : throw DoesNotFit();

    private static JsonNode? Parent(JsonNode? root, string[] path, string operation) =>
        JsonPointer.TryGet(root, path.AsSpan(0, path.Length - 1), out var parent) && parent is JsonObject or JsonArray
            ? parent
            : throw DoesNotFit();

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value;
        }

        switch (Parent(root, path, "add"))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray array when path[^1] == "-":
                array.Add(value);
                break;
            case JsonArray array when JsonPointer.TryIndex(path[^1], array.Count, out var index):
                array.Insert(index, value);
                break;
            default:
                throw DoesNotFit();
        }

        return root;
    }

    private static void Remove(JsonNode? root, string[] path)
    {
        if (path.Length == 0)
        {
            throw DoesNotFit();
        }

        Get(root, path, "remove");
        switch (Parent(root, path, "remove"))
        {
            case JsonObject map:
                map.Remove(path[^1]);
                break;
            case JsonArray array when JsonPointer.TryIndex(path[^1], array.Count - 1, out var index):
                array.RemoveAt(index);
                break;
            default:
                break;
        }
    }

    private static void Set(JsonNode? root, string[] path, JsonNode? value)
    {
        switch (Parent(root, path, "replace"))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray array when JsonPointer.TryIndex(path[^1], array.Count - 1, out var index):
                array[index] = value;
                break;
            default:
                break;
        }
    }

    // The real server gives no more detail either.
    private static StatusException DoesNotFit() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request") { Details = ("", "", "", "") };
}
