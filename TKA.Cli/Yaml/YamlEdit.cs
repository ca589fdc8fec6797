using System.Text;

namespace TKA.Cli.Yaml;

/// <summary>Changes to YAML text that leave every other character as it was.</summary>
internal static class YamlEdit
{
    /// <summary>The line break the text uses.</summary>
    public static string LineBreak(string text) => text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    /// <summary>The text with a range replaced.</summary>
    public static string Replace(string text, int start, int end, string replacement) => string.Concat(text.AsSpan(0, start), replacement, text.AsSpan(end));

    /// <summary>Index after the line break that ends the line of <paramref name="index"/>, or the end of the text.</summary>
    public static int LineEnd(string text, int index)
    {
        var newline = text.IndexOf('\n', Math.Min(index, text.Length));
        return newline < 0 ? text.Length : newline + 1;
    }

    /// <summary>Index of the first character of the line of <paramref name="index"/>.</summary>
    public static int LineStart(string text, int index) => index == 0 ? 0 : text.LastIndexOf('\n', index - 1) + 1;

    /// <summary>Sets a scalar at a path of keys, making the mappings on the way that are missing.</summary>
    /// <param name="text">The document.</param>
    /// <param name="path">Keys from the root.</param>
    /// <param name="scalar">The value as YAML text.</param>
    public static string SetScalar(string text, IReadOnlyList<string> path, string scalar)
    {
        var newline = LineBreak(text);
        var mapping = YamlTree.Parse(text);
        if (mapping is null or { IsNull: true })
        {
            return EndWithLineBreak(text, newline) + Lines(path, 0, scalar, 0, newline);
        }

        var depth = 0;
        while (true)
        {
            if (Find(mapping, path[depth]) is not { } entry)
            {
                return Insert(text, mapping, path, depth, scalar, newline);
            }

            if (depth == path.Count - 1)
            {
                return ReplaceValue(text, entry, scalar);
            }

            if (entry.Value.Kind != YamlKind.Mapping)
            {
                // "output:" or "output: null": give it content. Flow style needs no knowledge of the indentation around.
                return ReplaceValue(text, entry, Flow(path, depth + 1, scalar));
            }

            mapping = entry.Value;
            depth++;
        }
    }

    /// <summary>The text without an entry of a mapping.</summary>
    /// <param name="text">The document.</param>
    /// <param name="mapping">The mapping.</param>
    /// <param name="key">Key of one of its entries.</param>
    public static string RemoveEntry(string text, YamlNode mapping, YamlNode key)
    {
        var index = mapping.Entries.FindIndex(entry => entry.Key.Start == key.Start);
        var value = mapping.Entries[index].Value;
        if (!mapping.Flow)
        {
            return Replace(text, LineStart(text, key.Start), LineEnd(text, Math.Max(value.End, key.End)), "");
        }

        var (start, end) = index > 0 ? (mapping.Entries[index - 1].Value.End, value.End)
            : mapping.Entries.Count > 1 ? (key.Start, mapping.Entries[1].Key.Start)
            : (key.Start, value.End);
        return Replace(text, start, end, "");
    }

    /// <summary>The text, with a line break at its end unless it is empty.</summary>
    public static string EndWithLineBreak(string text, string newline) => text.Length == 0 || text[^1] == '\n' ? text : text + newline;

    private static (YamlNode Key, YamlNode Value)? Find(YamlNode mapping, string key)
    {
        foreach (var entry in mapping.Entries)
        {
            if (entry.Key.Text.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return entry;
            }
        }

        return null;
    }

    private static string ReplaceValue(string text, (YamlNode Key, YamlNode Value) entry, string value)
    {
        var (key, old) = entry;
        if (old.Start >= old.End || (old.Plain && old.Text.Length == 0))
        {
            var colon = text.IndexOf(':', key.End);
            return Replace(text, colon + 1, colon + 1, " " + value);
        }

        return Replace(text, old.Start, old.End, value);
    }

    private static string Insert(string text, YamlNode mapping, IReadOnlyList<string> path, int depth, string scalar, string newline)
    {
        if (mapping.Flow)
        {
            var close = mapping.End - 1;
            var pair = $"{path[depth]}: {(depth == path.Count - 1 ? scalar : Flow(path, depth + 1, scalar))}";
            var at = mapping.Entries.Count == 0 ? mapping.Start + 1 : mapping.Entries[^1].Value.End;
            return Replace(text, at, mapping.Entries.Count == 0 ? close : at, (mapping.Entries.Count == 0 ? "" : ", ") + pair);
        }

        var end = LineEnd(text, mapping.End);
        var head = EndWithLineBreak(text[..end], newline);
        return head + Lines(path, depth, scalar, mapping.Column, newline) + text[end..];
    }

    private static string Lines(IReadOnlyList<string> path, int depth, string scalar, int indent, string newline)
    {
        var lines = new StringBuilder();
        for (var i = depth; i < path.Count; i++, indent += 2)
        {
            lines.Append(' ', indent).Append(path[i]).Append(':');
            if (i == path.Count - 1)
            {
                lines.Append(' ').Append(scalar);
            }

            lines.Append(newline);
        }

        return lines.ToString();
    }

    private static string Flow(IReadOnlyList<string> path, int depth, string scalar) =>
        depth == path.Count - 1 ? $"{{{path[depth]}: {scalar}}}" : $"{{{path[depth]}: {Flow(path, depth + 1, scalar)}}}";
}
