using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>How the server reads and writes JSON: strict in what it reads, compact and readable in what it writes.</summary>
internal static class ObjectJson
{
    /// <summary>Deeper nesting is refused as malformed; no Kubernetes object comes near it, and recursion stays bounded.</summary>
    public const int MaxDepth = 128;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Options for indented or default serialization by <see cref="JsonNode.ToJsonString"/>.</summary>
    public static readonly JsonSerializerOptions SerializerOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth * 2,
    };

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth * 2,
        SkipValidation = true,
    };

    /// <summary>Parses any JSON value.</summary>
    /// <exception cref="JsonException">Malformed, nested too deeply, or with a duplicate field.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8) => JsonNode.Parse(utf8, documentOptions: Strict);

    /// <summary>Parses what the store holds, which is always an object.</summary>
    public static JsonObject ParseObject(ReadOnlySpan<byte> utf8) => (JsonObject)JsonNode.Parse(utf8)!;

    /// <summary>Compact UTF-8.</summary>
    public static byte[] Serialize(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>An object member, or null when it is absent or something else.</summary>
    public static JsonObject? Child(this JsonObject? node, string name) => node.At(name) as JsonObject;

    /// <summary>An array member, or null when it is absent or something else.</summary>
    public static JsonArray? Items(this JsonObject? node, string name) => node.At(name) as JsonArray;

    /// <summary>An object member, created when absent.</summary>
    public static JsonObject ChildOrNew(this JsonObject node, string name)
    {
        if (node.Child(name) is { } child)
        {
            return child;
        }

        child = [];
        node[name] = child;
        return child;
    }

    /// <summary>Sets a member unless the value is null or empty, as Go's <c>omitempty</c> does.</summary>
    public static JsonObject With(this JsonObject node, string name, JsonNode? value)
    {
        if (value is not (null or JsonObject { Count: 0 } or JsonArray { Count: 0 }) && !(value is JsonValue text && text.TryGetValue<string>(out var s) && s.Length == 0))
        {
            node[name] = value;
        }

        return node;
    }

    /// <summary>Removes the members that match.</summary>
    public static void RemoveAll(this JsonObject node, Func<KeyValuePair<string, JsonNode?>, bool> match)
    {
        foreach (var (name, _) in node.Where(match).ToList())
        {
            node.Remove(name);
        }
    }

    /// <summary>An integral number member, or null.</summary>
    public static long? Integer(this JsonObject? node, string name) => node.At(name).AsInteger();

    /// <summary>The value when it is an integral number.</summary>
    public static long? AsInteger(this JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        if (value.TryGetValue<long>(out var integer))
        {
            return integer;
        }

        if (value.TryGetValue<int>(out var small))
        {
            return small;
        }

        return value.TryGetValue<double>(out var real) && Math.Floor(real) == real && Math.Abs(real) < 9e15 ? (long)real : null;
    }

    /// <summary>A boolean member, false when absent.</summary>
    public static bool Flag(this JsonObject? node, string name) => node.At(name) is JsonValue flag && flag.TryGetValue<bool>(out var value) && value;
}
