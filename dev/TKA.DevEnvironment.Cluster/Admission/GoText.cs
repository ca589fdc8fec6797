using System.Text;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>Values as the real server, a Go program, puts them into messages.</summary>
internal static class GoText
{
    /// <summary>A double-quoted string.</summary>
    public static string Quote(string text)
    {
        if (!text.Any(character => character is '"' or '\\' || char.IsControl(character)))
        {
            return $"\"{text}\"";
        }

        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(character) => $"\\x{(int)character:x2}",
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A list of strings: <c>["a" "b"]</c>.</summary>
    public static string List(IEnumerable<string> texts) => $"[{string.Join(' ', texts.Select(Quote))}]";
}
