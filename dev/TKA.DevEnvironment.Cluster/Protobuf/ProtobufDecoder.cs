using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using TKA.DevEnvironment.Cluster.Validation.Builtin;

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
            var envelope = ByteString.CopyFrom(body[Magic.Length..]);
            var type = WireField.Find(envelope, 1).Bytes;
            var (apiVersion, kind) = (Text(WireField.Find(type, 1).Bytes), Text(WireField.Find(type, 2).Bytes));
            if (!MessageField.Has(apiVersion, kind))
            {
                throw Statuses.UnsupportedMediaType(MediaTypes.Json);
            }

            var result = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
            ReadMessage(WireField.Find(envelope, 2).Bytes, MessageField.Of(kind), result, depth: 0);
            return result;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or JsonException or InvalidProtocolBufferException)
        {
            throw Statuses.BadRequest($"the body could not be decoded: {exception.Message}");
        }
    }

    private static void ReadMessage(ByteString data, IReadOnlyDictionary<int, MessageField> fields, JsonObject into, int depth)
    {
        if (depth > ObjectJson.MaxDepth)
        {
            throw new FormatException("nested too deeply");
        }

        foreach (var sent in WireField.Read(data))
        {
            switch (fields.GetValueOrDefault(sent.Number))
            {
                case null:
                    break;
                case { Field: null, Inner: var inner }:
                    ReadMessage(sent.Bytes, inner, into, depth + 1);
                    break;
                case { Field: { } field }:
                    ReadField(sent, field, into, depth);
                    break;
            }
        }
    }

    private static void ReadField(WireField sent, TypeField field, JsonObject into, int depth)
    {
        switch (field.Type)
        {
            case "any" when field.IsRaw:
                into[field.Name] = ObjectJson.Parse(WireField.Find(sent.Bytes, 1).Bytes.Span);
                break;
            case "any" or "[]any":
                throw Statuses.NotImplemented("this field in a protobuf body, send JSON instead");
            case ['[', ']', .. var item]:
                if (into[field.Name] is not JsonArray list)
                {
                    into[field.Name] = list = [];
                }

                list.Add(ReadValue(sent, item, keepZero: true, depth));
                break;
            case ['{', '}', .. var value]:
                into.ChildOrNew(field.Name)[Text(WireField.Find(sent.Bytes, 1).Bytes)] = ReadValue(WireField.Find(sent.Bytes, 2), value, keepZero: true, depth);
                break;
            default:
                if (ReadValue(sent, field.Type, field.KeepsZero, depth) is { } single)
                {
                    into[field.Name] = single;
                }

                break;
        }
    }

    private static JsonNode? ReadValue(WireField sent, string type, bool keepZero, int depth)
    {
        switch (type)
        {
            case "string":
                return keepZero || !sent.Bytes.IsEmpty ? Text(sent.Bytes) : null;
            case "bytes":
                return keepZero || !sent.Bytes.IsEmpty ? sent.Bytes.ToBase64() : null;
            case "int32" or "int64":
                return keepZero || sent.Value != 0 ? JsonValue.Create(sent.Value) : null;
            case "boolean":
                return keepZero || sent.Value != 0 ? JsonValue.Create(sent.Value != 0) : null;
            case "quantity":
                return Text(WireField.Find(sent.Bytes, 1).Bytes);
            case "int-or-string":
                return WireField.Find(sent.Bytes, 1).Value != 0 ? Text(WireField.Find(sent.Bytes, 3).Bytes) : WireField.Find(sent.Bytes, 2).Value;
            case "time" or "microtime":
                return Time(sent.Bytes, type == "time" ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
            case "[]string":
                // A list as value of a map is a message with the list as its field 1.
                return WireField.Read(sent.Bytes).Where(item => item.Number == 1).Select(item => Text(item.Bytes)).ToJsonArray();
            default:
                var message = new JsonObject();
                ReadMessage(sent.Bytes, MessageField.Of(type), message, depth + 1);
                return message;
        }
    }

    // An empty message is Go's zero time, which JSON writes as null.
    private static JsonValue? Time(ByteString time, string format) => time.IsEmpty
        ? null
        : JsonValue.Create(DateTimeOffset.FromUnixTimeSeconds(WireField.Find(time, 1).Value).AddTicks(WireField.Find(time, 2).Value / 100)
            .UtcDateTime.ToString(format, CultureInfo.InvariantCulture));

    private static string Text(ByteString utf8) => StrictUtf8.GetString(utf8.Span);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
