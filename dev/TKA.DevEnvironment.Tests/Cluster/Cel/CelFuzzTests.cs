using System.Text.Json.Nodes;
using CsCheck;
using TKA.DevEnvironment.Cluster.Cel;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Cel;

/// <summary>Whatever text is given for an expression: a value or a <see cref="CelException"/>, nothing else.</summary>
public sealed class CelFuzzTests
{
    private static readonly string[] Words =
    [
        "self", "oldSelf", ".", "?", "[", "]", "(", ")", "{", "}", ",", ":", "!", "-", "+", "*", "/", "%", "==", "!=", "<", ">=", "in", "&&", "||",
        "0", "1", "9223372036854775807", "2u", "1.5", "'a'", "b'x'", "r'\\d'", "\"\"\"q\"\"\"", "true", "null", "x", "int", "has", "size", "matches",
        "all", "exists", "map", "filter", "exists_one", "duration", "timestamp", "string", "list", "labels", "name", "count", "optional", "none", "orValue",
        "split", "join", "substring", "'1h'", "'2026-01-01T00:00:00Z'", "//", "\n", "\\", "'", "\"", "\u00e9", "😀", "__dash__",
    ];

    private static readonly Dictionary<string, object?> Variables = new()
    {
        ["self"] = JsonNode.Parse("""{"name":"n","count":3,"list":[1,2,"x",null,{"a":[]}],"labels":{"a":"b"}}"""),
        ["oldSelf"] = JsonNode.Parse("[]"),
    };

    [Fact]
    public void Random_words() =>
        Gen.Int[0, Words.Length - 1].Select(i => Words[i]).Array[1, 24].Sample(words => Try(string.Join(' ', words)), iter: 20_000);

    [Fact]
    public void Random_characters() => Gen.String[0, 60].Sample(Try, iter: 20_000);

    [Fact]
    public void Damaged_expressions()
    {
        string[] sources =
        [
            "self.list.all(x, x == 1 || has(self.labels.a) && self.labels['a'].matches('^b$'))",
            "duration('1h30m') > duration(self.name) ? self.labels : [1, 2, 1.5]",
            "timestamp('2026-01-01T00:00:00Z') > timestamp(self.name) || self.list.map(x, x == 1, 'a' + x).size() < 3",
        ];
        (from source in Gen.Int[0, sources.Length - 1].Select(i => sources[i])
         from position in Gen.Int[0, source.Length - 1]
         from length in Gen.Int[0, 6]
         from insert in Gen.Int[0, Words.Length - 1].Select(i => Words[i])
         select source[..position] + insert + source[Math.Min(source.Length, position + length)..]).Sample(Try, iter: 20_000);
    }

    private static void Try(string source)
    {
        try
        {
            CelExpression.Compile(source, new CelEnvironment(("self", CelType.Dyn), ("oldSelf", CelType.Dyn))).Evaluate(Variables);
        }
        catch (CelException)
        {
            // Refused, as it should be.
        }
    }
}
