using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Protobuf;

/// <summary>
/// Turns <c>application/vnd.kubernetes.protobuf</c> request bodies into JSON: typed clients, kubectl's <c>create</c> and
/// <c>auth</c> commands among them, send built-in types that way and do not fall back. Answers are JSON, which they all accept.
/// </summary>
internal static class ProtobufDecoder
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>Decodes a body: an envelope with type and content.</summary>
    /// <exception cref="StatusException">400 malformed; 415 a type that has no such form, as custom resources.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
        {
            throw Statuses.BadRequest("provided data does not appear to be a protobuf message, expected prefix 6b 38 73 00");
        }

        try
        {
            var (apiVersion, kind, content) = Envelope(body[Magic.Length..]);
            var message = MessageTypes.Find(apiVersion, kind) ?? throw Statuses.UnsupportedMediaType(MediaTypes.Json);
            var result = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
            ReadMessage(content, message, result, depth: 0);
            return result;
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException or ArgumentException or JsonException)
        {
            throw Statuses.BadRequest($"the body could not be decoded: {exception.Message}");
        }
    }

    private static (string ApiVersion, string Kind, byte[] Content) Envelope(ReadOnlySpan<byte> envelope)
    {
        var (apiVersion, kind, content) = ("", "", Array.Empty<byte>());
        var reader = new WireReader(envelope);
        while (reader.Next() is var field and > 0)
        {
            if (field == 2)
            {
                content = reader.Bytes.ToArray();
            }

            if (field != 1)
            {
                continue;
            }

            var type = new WireReader(reader.Bytes);
            while (type.Next() is var member and > 0)
            {
                if (member == 1)
                {
                    apiVersion = Text(type.Bytes);
                }

                if (member == 2)
                {
                    kind = Text(type.Bytes);
                }
            }
        }

        return (apiVersion, kind, content);
    }

    private static void ReadMessage(ReadOnlySpan<byte> data, string message, JsonObject into, int depth)
    {
        if (depth > ObjectJson.MaxDepth)
        {
            throw new FormatException("nested too deeply");
        }

        var fields = MessageTypes.Fields(message)!;
        var reader = new WireReader(data);
        while (reader.Next() is var number and > 0)
        {
            if (!fields.TryGetValue(number, out var field))
            {
                continue;
            }

            if (field.Name.Length == 0)
            {
                ReadMessage(reader.Bytes, field.Type, into, depth + 1);
                continue;
            }

            switch (field.Shape)
            {
                case FieldShape.List:
                    if (into[field.Name] is not JsonArray list)
                    {
                        into[field.Name] = list = [];
                    }

                    list.Add(ReadValue(reader, field.Type, keepZero: true, depth));
                    break;
                case FieldShape.Map:
                    if (into[field.Name] is not JsonObject map)
                    {
                        into[field.Name] = map = [];
                    }

                    ReadEntry(reader.Bytes, field.Type, map, depth);
                    break;
                default:
                    if (ReadValue(reader, field.Type, field.KeepZero, depth) is { } value)
                    {
                        into[field.Name] = value;
                    }

                    break;
            }
        }
    }

    private static void ReadEntry(ReadOnlySpan<byte> entry, string type, JsonObject map, int depth)
    {
        var (key, value) = ("", (JsonNode?)null);
        var reader = new WireReader(entry);
        while (reader.Next() is var member and > 0)
        {
            if (member == 1)
            {
                key = Text(reader.Bytes);
            }

            if (member == 2)
            {
                value = ReadValue(reader, type, keepZero: true, depth);
            }
        }

        map[key] = value ?? (type == "string" ? "" : null);
    }

    private static JsonNode? ReadValue(WireReader reader, string type, bool keepZero, int depth)
    {
        switch (type)
        {
            case "string":
                return keepZero || !reader.Bytes.IsEmpty ? Text(reader.Bytes) : null;
            case "bytes":
                return keepZero || !reader.Bytes.IsEmpty ? Convert.ToBase64String(reader.Bytes) : null;
            case "int32" or "int64":
                return keepZero || reader.Number != 0 ? JsonValue.Create(reader.Number) : null;
            case "bool":
                return keepZero || reader.Number != 0 ? JsonValue.Create(reader.Number != 0) : null;
            case "quantity":
                return Text(Member(reader.Bytes, 1, out _));
            case "int-or-string":
                Member(reader.Bytes, 1, out var isText);
                if (isText != 0)
                {
                    return Text(Member(reader.Bytes, 3, out _));
                }

                Member(reader.Bytes, 2, out var integer);
                return integer;
            case "time" or "microtime":
                return Time(reader.Bytes, type == "time" ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
            case "raw" or "fields":
                return ObjectJson.Parse(Member(reader.Bytes, 1, out _));
            case "unsupported":
                throw Statuses.NotImplemented("this field in a protobuf body, send JSON instead");
            case "extra":
                var values = new JsonArray();
                var items = new WireReader(reader.Bytes);
                while (items.Next() is var item and > 0)
                {
                    if (item == 1)
                    {
                        values.Add(Text(items.Bytes));
                    }
                }

                return values;
            default:
                var message = new JsonObject();
                ReadMessage(reader.Bytes, type, message, depth + 1);
                return message;
        }
    }

    private static JsonValue? Time(ReadOnlySpan<byte> time, string format)
    {
        // An empty message is Go's zero time, which JSON writes as null.
        if (time.IsEmpty)
        {
            return null;
        }

        Member(time, 1, out var seconds);
        Member(time, 2, out var nanoseconds);
        return JsonValue.Create(DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100).UtcDateTime.ToString(format, CultureInfo.InvariantCulture));
    }

    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> message, int number, out long value)
    {
        var reader = new WireReader(message);
        while (reader.Next() is var field and > 0)
        {
            if (field != number)
            {
                continue;
            }

            value = reader.Number;
            return reader.Bytes;
        }

        value = 0;
        return default;
    }

    private static string Text(ReadOnlySpan<byte> utf8) => StrictUtf8.GetString(utf8);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
