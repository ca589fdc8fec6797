using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.Cli.Output;
using TKA.Cli.Yaml;

namespace TKA.Cli.Kubeconfigs;

/// <summary>
/// Adds, replaces and removes named entries in the text of a kubeconfig. Everything else keeps its bytes: comments, order,
/// quoting, fields unknown to us, line endings; block style stays block style and JSON stays JSON.
/// </summary>
/// <param name="text">The kubeconfig; may be empty.</param>
internal sealed class KubeconfigEditor(string text)
{
    /// <summary>The lists of named entries.</summary>
    public static readonly string[] Lists = ["clusters", "users", "contexts"];

    private readonly string _newline = YamlEdit.LineBreak(text);

    /// <summary>The text as it is now.</summary>
    public string Text { get; private set; } = text;

    /// <summary>A line break had to be added at the end of the text.</summary>
    public bool LineBreakAdded { get; private set; }

    /// <summary>Value of <c>current-context</c>, empty when there is none.</summary>
    public string CurrentContext => Root?[CurrentContextEdit.Key] is { IsNull: false } value ? value.Text : "";

    private YamlNode? Root => YamlTree.Parse(Text) is { Kind: YamlKind.Mapping } root ? root : null;

    /// <summary>The entry of that name.</summary>
    public YamlNode? Find(string list, string name) => Root?[list]?.Items.Find(item => item["name"]?.Text == name);

    /// <summary>The entries of a list.</summary>
    public IReadOnlyList<YamlNode> Items(string list) => Root?[list]?.Items ?? [];

    /// <summary>Adds an entry, or replaces the one of its name.</summary>
    /// <param name="list">One of <see cref="Lists"/>.</param>
    /// <param name="entry">The entry, with <c>name</c>.</param>
    /// <param name="empty">When the list held nothing: the text of its value, for <see cref="Remove"/>; null when even the key was missing.</param>
    /// <returns>Whether the list held nothing before.</returns>
    public bool Set(string list, JsonObject entry, out string? empty)
    {
        empty = null;
        if (Root is not { } root)
        {
            // Empty, or comments only.
            EnsureFinalLineBreak();
            Text += $"{list}:{_newline}" + KubeconfigEntry.Block(entry, 0, _newline);
            return true;
        }

        if (root.Entry(list) is not { } found)
        {
            InsertList(root, list, entry);
            return true;
        }

        var (key, value) = found;
        if (value.Items.Count == 0)
        {
            var colon = Text.IndexOf(':', key.End);
            var end = Math.Max(colon + 1, value.IsNull && value.Text is "" ? colon + 1 : value.End);
            empty = Text[(colon + 1)..end];
            if (root.Flow)
            {
                Text = YamlEdit.Replace(Text, colon + 1, end, $" [{KubeconfigEntry.Flow(entry)}]");
            }
            else
            {
                Text = YamlEdit.Replace(Text, colon + 1, end, "");
                InsertLines(YamlEdit.LineEnd(Text, colon), KubeconfigEntry.Block(entry, root.Column, _newline));
            }

            return true;
        }

        if (Find(list, entry["name"]!.GetValue<string>()) is { } old)
        {
            Replace(value, old, entry);
        }
        else if (value.Flow)
        {
            Text = YamlEdit.Replace(Text, value.Items[^1].End, value.Items[^1].End, ", " + KubeconfigEntry.Flow(entry));
        }
        else
        {
            InsertLines(YamlEdit.LineEnd(Text, value.End), KubeconfigEntry.Block(entry, value.Column, _newline));
        }

        return false;
    }

    /// <summary>Removes the entry of that name, if it is there.</summary>
    /// <param name="list">One of <see cref="Lists"/>.</param>
    /// <param name="name">Name.</param>
    /// <param name="wasEmpty">The list held nothing before the entry was added.</param>
    /// <param name="empty">What <see cref="Set"/> gave.</param>
    public bool Remove(string list, string name, bool wasEmpty, string? empty)
    {
        if (Root is not { } root || root.Entry(list) is not { } found || Find(list, name) is not { } item)
        {
            return false;
        }

        var (key, value) = found;
        if (value.Items.Count == 1)
        {
            RemoveList(root, key, value, item, wasEmpty, empty);
        }
        else if (value.Flow)
        {
            var index = value.Items.FindIndex(candidate => candidate.Start == item.Start);
            var (start, end) = index > 0 ? (value.Items[index - 1].End, item.End) : (item.Start, value.Items[1].Start);
            Text = YamlEdit.Replace(Text, start, end, "");
        }
        else
        {
            Text = YamlEdit.Replace(Text, DashLine(value, item), YamlEdit.LineEnd(Text, item.End), "");
        }

        return true;
    }

    /// <summary>Sets <c>current-context</c>.</summary>
    /// <returns>The text of its value before, for <see cref="RestoreCurrentContext"/>; null when the key was missing.</returns>
    public string? UseContext(string name)
    {
        (Text, var previous) = CurrentContextEdit.Use(Text, name);
        return previous;
    }

    /// <summary>Puts back what <see cref="UseContext"/> replaced, unless somebody chose another context since.</summary>
    public void RestoreCurrentContext(string name, string? previous) => Text = CurrentContextEdit.Restore(Text, name, previous);

    /// <summary>Removes a line break that was added at the end.</summary>
    public void RemoveFinalLineBreak()
    {
        if (Text.EndsWith(_newline, StringComparison.Ordinal))
        {
            Text = Text[..^_newline.Length];
        }
    }

    /// <summary>Sets the namespace of a context.</summary>
    public void SetNamespace(string name, string ns)
    {
        if (Find("contexts", name)?["context"] is not { Kind: YamlKind.Mapping } context)
        {
            return;
        }

        if (context["namespace"] is { } old && old.End > old.Start)
        {
            Text = YamlEdit.Replace(Text, old.Start, old.End, YamlText.Scalar(ns));
        }
        else if (context.Flow)
        {
            Text = YamlEdit.Replace(Text, context.Start + 1, context.Start + 1, $"\"namespace\": {JsonSerializer.Serialize(ns, CliJsonContext.Indented.String)}{(context.Entries.Count > 0 ? ", " : "")}");
        }
        else
        {
            InsertLines(YamlEdit.LineEnd(Text, context.End), $"{new string(' ', context.Column)}namespace: {YamlText.Scalar(ns)}{_newline}");
        }
    }

    private void InsertList(YamlNode root, string list, JsonObject entry)
    {
        if (root.Flow)
        {
            var at = root.Entries.Count == 0 ? root.Start + 1 : root.Entries[^1].Value.End;
            Text = YamlEdit.Replace(Text, at, at, $"{(root.Entries.Count == 0 ? "" : ", ")}\"{list}\": [{KubeconfigEntry.Flow(entry)}]");
        }
        else
        {
            var indent = new string(' ', root.Column);
            InsertLines(YamlEdit.LineEnd(Text, root.End), $"{indent}{list}:{_newline}{KubeconfigEntry.Block(entry, root.Column, _newline)}");
        }
    }

    private void InsertLines(int at, string lines)
    {
        if (at == Text.Length && at > 0 && Text[^1] != '\n')
        {
            EnsureFinalLineBreak();
            at = Text.Length;
        }

        Text = YamlEdit.Replace(Text, at, at, lines);
    }

    private void EnsureFinalLineBreak()
    {
        if (Text.Length > 0 && Text[^1] != '\n')
        {
            Text += _newline;
            LineBreakAdded = true;
        }
    }

    private void Replace(YamlNode list, YamlNode old, JsonObject entry)
    {
        if (list.Flow || old.Flow)
        {
            Text = YamlEdit.Replace(Text, old.Start, old.End, KubeconfigEntry.Flow(entry));
        }
        else
        {
            var end = YamlEdit.LineEnd(Text, old.End);
            var replacement = KubeconfigEntry.Block(entry, list.Column, _newline);
            Text = YamlEdit.Replace(Text, DashLine(list, old), end, end == Text.Length && Text[^1] != '\n' ? replacement[..^_newline.Length] : replacement);
        }
    }

    private void RemoveList(YamlNode root, YamlNode key, YamlNode value, YamlNode item, bool wasEmpty, string? empty)
    {
        if (wasEmpty && empty is null)
        {
            Text = YamlEdit.RemoveEntry(Text, root, key);
            return;
        }

        // Another program may have emptied the list meanwhile; its style for an empty list is unknown then.
        empty ??= " []";
        var colon = Text.IndexOf(':', key.End);
        if (value.Flow)
        {
            Text = YamlEdit.Replace(Text, colon + 1, value.End, empty);
        }
        else
        {
            Text = YamlEdit.Replace(Text, DashLine(value, item), YamlEdit.LineEnd(Text, item.End), "");
            Text = YamlEdit.Replace(Text, colon + 1, colon + 1, empty);
        }
    }

    // Start of the line with the item's dash: the item itself may begin on a later line, or behind an anchor.
    private int DashLine(YamlNode list, YamlNode item)
    {
        var line = YamlEdit.LineStart(Text, item.Start);
        while (line > 0 && !(line + list.Column < Text.Length && Text[line + list.Column] == '-' && string.IsNullOrWhiteSpace(Text[line..(line + list.Column)])))
        {
            line = YamlEdit.LineStart(Text, line - 1);
        }

        return line;
    }
}
