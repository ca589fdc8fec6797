using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Reads YAML as Kubernetes does: as a way to write JSON. Aliases are refused, since they can grow a small body without bound.</summary>
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

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N":
                return JsonValue.Create(false);
            default:
                break;
        }

        if (OctalOrHex().Match(text) is { Success: true } other)
        {
            return FromBase(other);
        }

        if (Integer().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            return JsonValue.Create(integer);
        }

        return Float().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            ? JsonValue.Create(real)
            : JsonValue.Create(text);
    }

    /// <summary>YAML 1.1 as Go reads it: <c>0755</c> and <c>0o755</c> are octal, <c>0x1ed</c> is hexadecimal.</summary>
    private static JsonValue FromBase(Match match)
    {
        var octal = match.Groups["octal"];
        var digits = octal.Success ? octal.Value : match.Groups["hex"].Value;
        try
        {
            var number = Convert.ToInt64(digits, octal.Success ? 8 : 16);
            return JsonValue.Create(match.Value[0] == '-' ? -number : number);
        }
        catch (OverflowException)
        {
            return JsonValue.Create(match.Value);
        }
    }

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9]*)$")]
    private static partial Regex Integer();

    [GeneratedRegex("^[-+]?(?:0o?(?<octal>[0-7]+)|0x(?<hex>[0-9a-fA-F]+))$")]
    private static partial Regex OctalOrHex();

    [GeneratedRegex(@"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();
}
