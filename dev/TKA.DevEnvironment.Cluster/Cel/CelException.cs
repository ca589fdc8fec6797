namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>The expression cannot be compiled or evaluated.</summary>
internal sealed class CelException(string message) : Exception(message)
{
    /// <summary>A compilation error with its place, in the form that CEL's own compiler prints.</summary>
    public static CelException At(string source, int position, string problem)
    {
        var before = source.AsSpan(0, Math.Min(position, source.Length));
        var line = before.Count('\n') + 1;
        var start = before.LastIndexOf('\n') + 1;
        var end = source.IndexOf('\n', start);
        var text = end < 0 ? source[start..] : source[start..end];
        var column = before.Length - start;
        return new($"ERROR: <input>:{line}:{column + 1}: {problem}\n | {text}\n | {new string('.', column)}^");
    }
}
