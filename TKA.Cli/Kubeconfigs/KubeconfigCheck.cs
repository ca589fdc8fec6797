using System.Globalization;
using TKA.Cli.Yaml;
using YamlDotNet.Core;

namespace TKA.Cli.Kubeconfigs;

/// <summary>Whether kubectl can load a kubeconfig. A file that kubectl refuses is not changed: the result could not be loaded either.</summary>
internal static class KubeconfigCheck
{
    private static readonly string[] Booleans =
    [
        "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "y", "Y", "n", "N",
    ];

    /// <summary>What is wrong with a text, in words that go on from "FILE is no usable kubeconfig: "; null: nothing.</summary>
    public static string? Problem(string text)
    {
        if (text.Any(c => c == '\u007F' || (c < ' ' && c is not ('\t' or '\n' or '\r'))))
        {
            return "it holds control characters";
        }

        try
        {
            return YamlTree.Parse(text) switch
            {
                null or { IsNull: true } => null,
                { Kind: YamlKind.Mapping } root => OfRoot(root),
                _ => "it holds no keys and values",
            };
        }
        catch (YamlException exception)
        {
            return $"line {exception.Start.Line}: {exception.Message.Split(": ")[^1].TrimEnd('.')}";
        }
    }

    private static string? OfRoot(YamlNode root)
    {
        if (root["kind"] is { IsNull: false } kind && kind.Text is not ("Config" or ""))
        {
            return $"its kind is {kind.Text}, not Config";
        }

        if (root["apiVersion"] is { IsNull: false } version && version.Text is not ("v1" or ""))
        {
            return $"its apiVersion is {version.Text}, not v1";
        }

        if (root[CurrentContextEdit.Key] is { IsNull: false } current && !IsText(current))
        {
            return "its current-context is no text";
        }

        foreach (var list in KubeconfigEditor.Lists)
        {
            if (root.Entries.Count(entry => entry.Key.Text == list) > 1)
            {
                return $"{list} is there twice";
            }

            if (root[list] is { IsNull: false } value && OfList(list, value) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? OfList(string list, YamlNode value)
    {
        if (value.Kind == YamlKind.Alias)
        {
            return null;
        }

        if (value.Kind != YamlKind.Sequence)
        {
            return $"{list} is no list";
        }

        var names = new HashSet<string>();
        foreach (var item in value.Items.Where(item => item.Kind != YamlKind.Alias))
        {
            if (item is { Kind: not YamlKind.Mapping, IsNull: false })
            {
                return $"an entry of {list} has no keys and values";
            }

            if (item["name"] is { IsNull: false } name && !IsText(name))
            {
                return $"the name {name.Text} in {list} is no text; put it in quotes";
            }

            if (!names.Add(item["name"]?.Text ?? ""))
            {
                return $"two entries of {list} are named '{item["name"]?.Text}'";
            }
        }

        return null;
    }

    // What YAML 1.1 takes for a number or a boolean, kubectl does not take for a name.
    private static bool IsText(YamlNode node) =>
        node.Kind == YamlKind.Alias || (node.Kind == YamlKind.Scalar && (!node.Plain || !(Booleans.Contains(node.Text) || IsNumber(node.Text.Replace("_", "", StringComparison.Ordinal)))));

    private static bool IsNumber(string text)
    {
        var digits = text.AsSpan().TrimStart("+-");
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? char.IsAsciiDigit(digits[0]) || digits[0] == '.'
            : (digits.StartsWith("0x") && ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _))
                || (digits.StartsWith("0b") && ulong.TryParse(digits[2..], NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out _))
                || digits is ".inf" or ".Inf" or ".INF" or ".nan" or ".NaN" or ".NAN";
    }
}
