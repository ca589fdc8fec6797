using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>
/// The JSONPath of printer columns: <c>.a.b</c>, <c>['a.b']</c>, <c>[0]</c>, <c>[*]</c> and
/// <c>[?(@.type=="Ready")]</c>. The first match counts.
/// </summary>
internal sealed partial class JsonPath
{
    private readonly List<Func<JsonNode?, IEnumerable<JsonNode?>>> _steps;

    private JsonPath(List<Func<JsonNode?, IEnumerable<JsonNode?>>> steps) => _steps = steps;

    /// <summary>Parses.</summary>
    /// <exception cref="FormatException">Not a path of this subset.</exception>
    public static JsonPath Parse(string path)
    {
        var steps = new List<Func<JsonNode?, IEnumerable<JsonNode?>>>();
        var position = 0;
        while (position < path.Length)
        {
            if (path[position] == '.')
            {
                position++;
                if (position < path.Length && path[position] == '[')
                {
                    continue;
                }

                steps.Add(Member(ReadName(path, ref position)));
            }
            else if (path[position] == '[')
            {
                var close = Close(path, position);
                steps.Add(Bracket(path[(position + 1)..close]));
                position = close + 1;
            }
            else
            {
                throw new FormatException($"unexpected '{path[position]}' in JSONPath {path}");
            }
        }

        return new JsonPath(steps);
    }

    /// <summary>Whether a path can be parsed, or what is wrong with it.</summary>
    public static bool TryParse(string path, out string problem)
    {
        try
        {
            Parse(path);
            problem = "";
            return true;
        }
        catch (FormatException exception)
        {
            problem = exception.Message;
            return false;
        }
    }

    /// <summary>The first match, or null.</summary>
    public JsonNode? First(JsonNode? root)
    {
        IEnumerable<JsonNode?> nodes = [root];
        foreach (var step in _steps)
        {
            nodes = nodes.SelectMany(step);
        }

        return nodes.FirstOrDefault(n => n is not null);
    }

    private static string ReadName(string path, ref int position)
    {
        var name = new StringBuilder();
        while (position < path.Length && path[position] is not ('.' or '['))
        {
            if (path[position] == '\\' && position + 1 < path.Length)
            {
                position++;
            }

            name.Append(path[position++]);
        }

        return name.ToString();
    }

    private static int Close(string path, int open)
    {
        var quote = '\0';
        for (var i = open + 1; i < path.Length; i++)
        {
            if (quote != '\0')
            {
                quote = path[i] == quote ? '\0' : quote;
            }
            else if (path[i] is '\'' or '"')
            {
                quote = path[i];
            }
            else if (path[i] == ']')
            {
                return i;
            }
        }

        throw new FormatException($"unterminated array in JSONPath {path}");
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Bracket(string text)
    {
        if (text == "*")
        {
            return Children;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            return node => node is JsonArray array && (index < 0 ? array.Count + index : index) is var i && i >= 0 && i < array.Count ? [array[i]] : [];
        }

        if (text is ['\'' or '"', .., '\'' or '"'])
        {
            return Member(text[1..^1]);
        }

        var filter = Filter().Match(text);
        if (!filter.Success)
        {
            throw new FormatException($"[{text}] is not understood in JSONPath");
        }

        var path = Parse(filter.Groups[1].Value);
        var equal = filter.Groups[2].Value == "==";
        var value = filter.Groups[3].Value.Trim('"', '\'');
        return node => Children(node).Where(item => (Text(path.First(item)) == value) == equal);
    }

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonArray array => array,
        JsonObject map => map.Select(p => p.Value),
        _ => [],
    };

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Member(string name)
    {
        if (name.Length == 0)
        {
            return node => [node];
        }

        return node => node is JsonObject map && map.TryGetPropertyValue(name, out var value) ? [value] : [];
    }

    private static string Text(JsonNode? node) =>
        node is null ? "" : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();

    [GeneratedRegex("""^\?\(\s*@((?:\.[^=!\s]+)?)\s*(==|!=)\s*("[^"]*"|'[^']*'|[^\s)]+)\s*\)$""")]
    private static partial Regex Filter();
}
