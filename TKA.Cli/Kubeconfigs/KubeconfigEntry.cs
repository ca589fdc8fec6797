using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.Cli.Output;

namespace TKA.Cli.Kubeconfigs;

/// <summary>How a named entry is written, in either style of YAML.</summary>
internal static class KubeconfigEntry
{
    // "<", ">" and "'" in JSON need no escapes in a file.
    private static readonly JsonSerializerOptions FlowStyle = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = CliJsonContext.Indented };

    /// <summary>On one line, as JSON.</summary>
    public static string Flow(JsonObject entry) => entry.ToJsonString(FlowStyle);

    /// <summary>As an item of a block sequence, with a line break at its end.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="indent">Column of the dash.</param>
    /// <param name="newline">Line break.</param>
    public static string Block(JsonObject entry, int indent, string newline)
    {
        using var document = JsonDocument.Parse(Flow(entry));
        var lines = YamlText.From(document.RootElement).TrimEnd('\n').Split('\n');
        var block = new StringBuilder();
        for (var i = 0; i < lines.Length; i++)
        {
            block.Append(' ', indent).Append(i == 0 ? "- " : "  ").Append(lines[i]).Append(newline);
        }

        return block.ToString();
    }
}
