using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>
/// Reads HuJSON, the policy file's notation: JSON with <c>//</c> and <c>/* */</c> comments and trailing commas. Errors
/// say line and column. Stricter than Go's reader in one way: a name given twice in an object is an error.
/// </summary>
internal static class HuJsonParser
{
    private static readonly JsonReaderOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 };

    /// <exception cref="PolicyException">The text is not HuJSON.</exception>
    public static HuJsonNode Parse(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text.StartsWith('\uFEFF') ? text[1..] : text);
        var reader = new Utf8JsonReader(utf8, Options);
        try
        {
            reader.Read();
            var value = ReadValue(ref reader, utf8);

            // Throws when something follows the value.
            reader.Read();
            return value;
        }
        catch (JsonException exception)
        {
            var message = exception.Message.Split(" LineNumber:")[0];
            throw new PolicyException(TextPosition.Of(utf8, exception.LineNumber ?? 0, exception.BytePositionInLine ?? 0), message);
        }
        catch (InvalidOperationException)
        {
            throw new PolicyException(TextPosition.Of(utf8, reader.TokenStartIndex), "the string has half of a surrogate pair");
        }
    }

    private static HuJsonNode ReadValue(ref Utf8JsonReader reader, byte[] utf8)
    {
        var at = TextPosition.Of(utf8, reader.TokenStartIndex);
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader, utf8, at),
            JsonTokenType.StartArray => ReadArray(ref reader, utf8, at),
            JsonTokenType.String => new HuJsonNode(at, JsonValue.Create(reader.GetString())),
            // As it was written: 1.0 stays 1.0.
            _ => new HuJsonNode(at, JsonNode.Parse(reader.ValueSpan)),
        };
    }

    private static HuJsonNode ReadObject(ref Utf8JsonReader reader, byte[] utf8, TextPosition at)
    {
        var members = new List<HuJsonMember>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (nameAt, name) = (TextPosition.Of(utf8, reader.TokenStartIndex), reader.GetString()!);
            if (members.Exists(member => member.Name == name))
            {
                throw new PolicyException(nameAt, $"\"{name}\" is given twice in this object");
            }

            reader.Read();
            members.Add(new HuJsonMember(nameAt, name, ReadValue(ref reader, utf8)));
        }

        return new HuJsonNode(at, new JsonObject(members.Select(member => KeyValuePair.Create(member.Name, member.Value.Json)))) { Members = members };
    }

    private static HuJsonNode ReadArray(ref Utf8JsonReader reader, byte[] utf8, TextPosition at)
    {
        var items = new List<HuJsonNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadValue(ref reader, utf8));
        }

        return new HuJsonNode(at, new JsonArray([.. items.Select(item => item.Json)])) { Items = items };
    }
}
