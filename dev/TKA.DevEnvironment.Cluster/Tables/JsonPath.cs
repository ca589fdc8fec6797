using System.Globalization;
using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>
/// The JSONPath of printer columns: <c>.a.b</c>, <c>['a.b']</c>, <c>[0]</c> and <c>[?(@.type=="Ready")]</c>, which finds the first such item.
/// </summary>
internal sealed partial class JsonPath
{
    private readonly List<Func<JsonNode?, JsonNode?>> _steps = [];

    private JsonPath()
    {
    }

    /// <summary>Parses.</summary>
    /// <exception cref="FormatException">Not a path of this subset.</exception>
    public static JsonPath Parse(string path)
    {
        var parsed = new JsonPath();
        for (var position = 0; position < path.Length;)
        {
            var match = Step().Match(path, position);
            if (!match.Success)
            {
                throw new FormatException($"the embedded cluster does not understand '{path[position..]}' in JSONPath {path}");
            }

            parsed._steps.Add(Read(match.Groups));
            position += match.Length;
        }

        return parsed;
    }

    /// <summary>What the path leads to, or null.</summary>
    public JsonNode? Find(JsonNode? root) => _steps.Aggregate(root, (node, step) => step(node));

    private static Func<JsonNode?, JsonNode?> Read(GroupCollection groups)
    {
        if (groups["name"] is { Success: true, Value: var name })
        {
            return node => node.At(name.Replace("\\", "", StringComparison.Ordinal));
        }

        if (groups["index"] is { Success: true, ValueSpan: var digits })
        {
            var index = int.Parse(digits, CultureInfo.InvariantCulture);
            return node => node is JsonArray array && index < array.Count ? array[index] : null;
        }

        var (key, value) = (groups["key"].Value, groups["value"].Value);
        return node => (node as JsonArray)?.FirstOrDefault(item => item.Text(key) == value);
    }

    [GeneratedRegex("""\G(?:\.(?<name>(?:[^.\[\\]|\\.)+)|\['(?<name>[^']+)'\]|\[(?<index>[0-9]{1,9})\]|\[\?\(@\.(?<key>\w+)==(?:"(?<value>[^"]*)"|'(?<value>[^']*)')\)\])""")]
    private static partial Regex Step();
}
