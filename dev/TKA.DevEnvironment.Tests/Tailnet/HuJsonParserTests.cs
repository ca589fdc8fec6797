using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using TKA.DevEnvironment.Tailnet.Policy;
using Xunit;

namespace TKA.DevEnvironment.Tests.Tailnet;

public sealed class HuJsonParserTests
{
    [Fact]
    public void Comments_and_trailing_commas_are_read_over()
    {
        const string text = """
            // before
            {
              /* a block
                 of two lines */ "a": [1, 2.5e3, -0, /* last */ 3,], // rest of line
              "b": {"c": "// not a comment", "d": "/* nor this */",},
              "e": true, "f": null, "g": "\u00e9\n\"",
            }
            /* after */ // end
            """;

        Assert.Equal(
            """{"a":[1,2.5e3,-0,3],"b":{"c":"// not a comment","d":"/* nor this */"},"e":true,"f":null,"g":"é\n\""}""",
            Write(HuJsonParser.Parse(text)));
    }

    [Theory]
    [InlineData("", 1, 1, "does not contain any JSON tokens")]
    [InlineData("{", 1, 2, "Expected depth to be zero")]
    [InlineData("{\n  \"a\" 1\n}", 2, 7, "'1' is invalid after a property name")]
    [InlineData("{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3, "'\"' is invalid after a value")]
    [InlineData("{\n  \"é\": 1 \"b\": 2\n}", 2, 10, "'\"' is invalid after a value")]
    [InlineData("[1 2]", 1, 4, "'2' is invalid after a value")]
    [InlineData("[,]", 1, 2, "',' is an invalid start of a value")]
    [InlineData("[1,,]", 1, 4, "',' is an invalid start of a value")]
    [InlineData("{} x", 1, 4, "'x' is invalid after a single JSON value")]
    [InlineData("{a: 1}", 1, 2, "'a' is an invalid start of a property name")]
    [InlineData("[yes]", 1, 2, "'y' is an invalid start of a value")]
    [InlineData("[01]", 1, 3, "Invalid leading zero before '1'")]
    [InlineData("[truefalse]", 1, 6, "'f' is invalid after a value")]
    [InlineData("['a']", 1, 2, "''' is an invalid start of a value")]
    [InlineData("{\r\n\t\"a\": \"open\r\n}", 2, 12, "'0x0D' is invalid within a JSON string")]
    [InlineData("[\"\\x\"]", 1, 4, "'x' is an invalid escapable character")]
    [InlineData("[\"\\ud800\"]", 1, 2, "half of a surrogate pair")]
    [InlineData("{\"a\": 1, \"b\": 2,\n \"a\": 3}", 2, 2, "\"a\" is given twice in this object")]
    [InlineData("{} /* open", 1, 4, "comment")]
    public void Errors_say_line_column_and_what_is_wrong(string text, int line, int column, string message)
    {
        var error = Assert.Throws<PolicyException>(() => HuJsonParser.Parse(text));

        Assert.Equal(new TextPosition(line, column), error.At);
        Assert.StartsWith($"line {line}, column {column}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Nesting_has_an_end() =>
        Assert.Contains("depth", Assert.Throws<PolicyException>(() => HuJsonParser.Parse(new string('[', 100_000))).Message, StringComparison.Ordinal);

    [Fact]
    public void JSON_is_read_as_it_is() => Document(3).Sample(json =>
        JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(Write(HuJsonParser.Parse(json)))));

    [Fact]
    public void Comments_may_stand_between_any_two_tokens() => Document(3).Sample(json =>
    {
        var commented = new StringBuilder("/*a*/");
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            inString ^= json[i] == '"' && (i == 0 || json[i - 1] != '\\');
            commented.Append(json[i]);
            if (!inString && json[i] is '{' or '}' or '[' or ']' or ',' or ':')
            {
                commented.Append(i % 2 == 0 ? " // x\n" : "/* ] */");
            }
        }

        return JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(Write(HuJsonParser.Parse(commented.ToString()))));
    });

    [Fact]
    public void No_text_makes_it_throw_anything_else() => Gen.String[Gen.Char["{}[]\",:/*\\ \n0truenl-.e"], 0, 30].Sample(text =>
    {
        try
        {
            HuJsonParser.Parse(text);
        }
        catch (PolicyException)
        {
            // The one way to say no.
        }
    });

    private static Gen<string> Document(int depth)
    {
        var leaf = Gen.OneOf(Gen.Const("true"), Gen.Const("null"), Gen.Int.Select(number => $"{number}"), Gen.String[Gen.Char["ab é\u2603/*"], 0, 6].Select(text => JsonSerializer.Serialize(text)));
        return depth == 0
            ? leaf
            : Gen.OneOf(
                leaf,
                Document(depth - 1).List[0, 3].Select(items => $"[{string.Join(',', items)}]"),
                Document(depth - 1).List[0, 3].Select(items => $"{{{string.Join(',', items.Select((item, i) => $"\"k{i}\":{item}"))}}}"));
    }

    private static string Write(HuJsonNode node) => node.Json?.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null";
}
