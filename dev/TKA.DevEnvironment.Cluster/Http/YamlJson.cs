using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Reads YAML as Kubernetes does: as a way to write JSON. Aliases are refused, since they can grow a small body
/// without bound, and so are words whose meaning depends on the version of YAML.</summary>
internal static partial class YamlJson
{
    /// <summary>Reads one document.</summary>
    /// <exception cref="JsonException">Not YAML, or YAML that is no JSON.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8) => ParseAll(Encoding.UTF8.GetString(utf8)) is [var first, ..] ? first : null;

    /// <summary>Reads every non-empty document of a stream.</summary>
    /// <exception cref="JsonException">Not YAML, or YAML that is no JSON.</exception>
    public static IReadOnlyList<JsonNode> ParseAll(string yaml)
    {
        try
        {
            var parser = new Parser(new StringReader(yaml));
            var documents = new List<JsonNode>();
            parser.Consume<StreamStart>();
            while (!parser.Accept<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                if (Read(parser, 0) is { } node)
                {
                    documents.Add(node);
                }

                parser.Consume<DocumentEnd>();
            }

            return documents;
        }
        catch (YamlException exception)
        {
            throw new JsonException($"yaml: line {exception.Start.Line}: {exception.Message}", exception);
        }
    }

    private static JsonNode? Read(Parser parser, int depth)
    {
        if (depth > ObjectJson.MaxDepth)
        {
            throw new JsonException("nested too deeply");
        }

        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return Value(scalar);
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var array = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                array.Add(Read(parser, depth + 1));
            }

            return array;
        }

        if (parser.TryConsume<MappingStart>(out _))
        {
            var map = new JsonObject();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.Consume<Scalar>();
                if (!map.TryAdd(key.Value, Read(parser, depth + 1)))
                {
                    throw new JsonException($"key \"{key.Value}\" already set in map");
                }
            }

            return map;
        }

        throw new JsonException("aliases are not accepted");
    }

    private static JsonValue? Value(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str")
        {
            return JsonValue.Create(text);
        }

        if (Ambiguous().IsMatch(text))
        {
            throw new JsonException($"'{text}' is a boolean or a number of another base in YAML: quote it, or write true, false or a decimal number");
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when Integer().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) => JsonValue.Create(integer),
            _ when Float().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) => JsonValue.Create(real),
            _ => JsonValue.Create(text),
        };
    }

    [GeneratedRegex("^(?:[Yy](?:es)?|YES|[Nn]o?|NO|[Oo]n|ON|[Oo]ff|OFF|[-+]?0(?:o?[0-7]+|x[0-9a-fA-F]+))$")]
    private static partial Regex Ambiguous();

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9]*)$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();
}
