using System.Text;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>
/// How property names that are no CEL identifiers are written in expressions
/// (https://kubernetes.io/docs/reference/using-api/cel/#escaping).
/// </summary>
internal static class CelNames
{
    private static readonly HashSet<string> Keywords =
    [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ];

    private static readonly (string Text, string Escape)[] Escapes = [("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__")];

    /// <summary>Whether a name can be used as it is.</summary>
    public static bool IsIdentifier(string name) =>
        name.Length > 0
        && !char.IsAsciiDigit(name[0])
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
        && !Keywords.Contains(name);

    /// <summary>The name to use in expressions, or null when the property cannot be reached.</summary>
    public static string? Escape(string property)
    {
        if (Keywords.Contains(property))
        {
            return $"__{property}__";
        }

        if (property.Length == 0 || !(char.IsAsciiLetter(property[0]) || property[0] is '_' or '.' or '-' or '/'))
        {
            return null;
        }

        if (property.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('_' or '.' or '-' or '/')))
        {
            return null;
        }

        return Escapes.Aggregate(property, (name, escape) => name.Replace(escape.Text, escape.Escape, StringComparison.Ordinal));
    }

    /// <summary>The property behind a name.</summary>
    public static string Unescape(string name)
    {
        if (!name.StartsWith("__", StringComparison.Ordinal) && !name.Contains("__", StringComparison.Ordinal))
        {
            return name;
        }

        if (name.Length > 4 && name.EndsWith("__", StringComparison.Ordinal) && Keywords.Contains(name[2..^2]))
        {
            return name[2..^2];
        }

        var property = new StringBuilder();
        for (var i = 0; i < name.Length;)
        {
            var escape = Escapes.FirstOrDefault(escape => string.CompareOrdinal(name, i, escape.Escape, 0, escape.Escape.Length) == 0);
            property.Append(escape.Text ?? name[i].ToString());
            i += escape.Escape?.Length ?? 1;
        }

        return property.ToString();
    }
}
