using System.Text.Json;
using TKA.Cli.Output;
using TKA.Cli.Yaml;

namespace TKA.Cli.Kubeconfigs;

/// <summary>Changes <c>current-context</c> in the text of a kubeconfig, and puts it back as it was written.</summary>
internal static class CurrentContextEdit
{
    /// <summary>The key.</summary>
    public const string Key = "current-context";

    /// <summary>Makes a context the current one.</summary>
    /// <returns>The new text, and the text of the value before; null when the key was missing.</returns>
    public static (string Text, string? Previous) Use(string text, string name)
    {
        var root = YamlTree.Parse(text);
        var value = root is { Flow: true } ? JsonSerializer.Serialize(name, CliJsonContext.Indented.String) : YamlText.Scalar(name);
        if (root?.Entry(Key) is not { } found)
        {
            return (YamlEdit.SetScalar(text, [Key], value), null);
        }

        var (start, end) = ValueRange(text, found);
        return (YamlEdit.Replace(text, start, end, " " + value), text[start..end]);
    }

    /// <summary>Puts back what <see cref="Use"/> replaced, unless somebody chose another context since.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The context that was made the current one.</param>
    /// <param name="previous">What <see cref="Use"/> gave.</param>
    public static string Restore(string text, string name, string? previous)
    {
        if (YamlTree.Parse(text) is not { Kind: YamlKind.Mapping } root || root.Entry(Key) is not { } found || found.Value.Text != name)
        {
            return text;
        }

        if (previous is null)
        {
            return YamlEdit.RemoveEntry(text, root, found.Key);
        }

        var (start, end) = ValueRange(text, found);
        return YamlEdit.Replace(text, start, end, previous);
    }

    private static (int Start, int End) ValueRange(string text, (YamlNode Key, YamlNode Value) entry)
    {
        var colon = text.IndexOf(':', entry.Key.End);
        return (colon + 1, Math.Max(colon + 1, entry.Value.End));
    }
}
