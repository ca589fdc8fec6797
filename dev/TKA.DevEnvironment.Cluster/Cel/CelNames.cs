namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>
/// Which names expressions can use. The escapes of Kubernetes for other property names (<c>a__dash__b</c>) are not understood, so a rule
/// with one is refused.
/// </summary>
internal static class CelNames
{
    /// <summary>Words that are no variable or function.</summary>
    public static readonly IReadOnlySet<string> Reserved = new HashSet<string>
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "namespace", "package", "return",
        "var", "void", "while",
    };

    /// <summary>Whether a property or variable of this name can be used.</summary>
    public static bool IsIdentifier(string name) =>
        name.Length > 0
        && !char.IsAsciiDigit(name[0])
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
        && !Reserved.Contains(name)
        && name is not ("true" or "false" or "null" or "in");
}
