using System.Text;
using TKA.Cli.Yaml;

namespace TKA.Cli.Kubeconfigs;

/// <summary>
/// What of a kubeconfig is not ours, in a form that can be compared: a change that would alter it is not written, whatever went wrong
/// in making it.
/// </summary>
internal static class ForeignContent
{
    /// <summary>Everything but <c>current-context</c> and the entries of the given names.</summary>
    public static string Of(string text, IReadOnlyCollection<string> ours)
    {
        var content = new StringBuilder();
        foreach (var (key, value) in YamlTree.Parse(text)?.Entries ?? [])
        {
            if (key.Text == CurrentContextEdit.Key)
            {
                continue;
            }

            if (!KubeconfigEditor.Lists.Contains(key.Text))
            {
                Append(content.Append(key.Text).Append('='), value);
                continue;
            }

            // A list without entries is as good as none: it may be [], null, or not there.
            foreach (var item in value.Items.Where(item => item["name"] is not { } name || !ours.Contains(name.Text)))
            {
                Append(content.Append(key.Text).Append('+'), item);
            }
        }

        return content.ToString();
    }

    private static void Append(StringBuilder content, YamlNode node)
    {
        content.Append(node.Kind).Append('(');
        if (node.Kind is YamlKind.Scalar or YamlKind.Alias)
        {
            content.Append(node.Plain).Append(node.Text.Length).Append(':').Append(node.Text);
        }

        foreach (var (key, value) in node.Entries)
        {
            Append(content, key);
            Append(content, value);
        }

        foreach (var item in node.Items)
        {
            Append(content, item);
        }

        content.Append(')');
    }
}
