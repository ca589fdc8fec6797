using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace TKA.Tests.Deploy;

/// <summary>Rendered manifests: documents as YAML nodes, and what it takes to compare two renderings of the same objects.</summary>
internal static partial class Manifests
{
    // Lists whose order means nothing to Kubernetes, as long as an environment variable follows those it refers to.
    private static readonly HashSet<string> Unordered = ["env", "volumes", "volumeMounts"];

    /// <summary>The documents of a stream that are not empty.</summary>
    public static IReadOnlyList<YamlNode> Parse(string yaml)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(yaml);
        stream.Load(reader);
        return [.. stream.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>().Where(root => root.Children.Count > 0)];
    }

    /// <summary>One line per object, <c>kind namespace/name</c> and its content, without what the way of rendering adds.</summary>
    public static IReadOnlyDictionary<string, string> Canonical(string yaml) =>
        Parse(GeneratedName().Replace(yaml, "$1"))
            .Where(node => Text(node, "metadata", "annotations", "helm.sh/hook") is null)
            .ToDictionary(
                node => $"{Text(node, "kind")} {Text(node, "metadata", "namespace")}/{Text(node, "metadata", "name")}",
                node => Write(node, ""));

    public static YamlNode? Find(YamlNode node, params ReadOnlySpan<string> path)
    {
        foreach (var part in path)
        {
            if (node is not YamlMappingNode mapping || !mapping.Children.TryGetValue(part, out var next))
            {
                return null;
            }

            node = next;
        }

        return node;
    }

    public static string? Text(YamlNode node, params ReadOnlySpan<string> path) => (Find(node, path) as YamlScalarNode)?.Value;

    public static IEnumerable<YamlNode> Nodes(YamlNode node, params ReadOnlySpan<string> path) => (Find(node, path) as YamlSequenceNode)?.Children ?? [];

    public static string?[] Items(YamlNode node, params ReadOnlySpan<string> path) => [.. Nodes(node, path).Select(item => (item as YamlScalarNode)?.Value)];

    /// <summary>A node and everything below, each with the key it stands under.</summary>
    public static IEnumerable<(string Key, YamlNode Node)> Walk(YamlNode node, string key = "")
    {
        yield return (key, node);
        var children = node switch
        {
            YamlMappingNode mapping => mapping.Children.Select(pair => (Key: pair.Key.ToString(), pair.Value)),
            YamlSequenceNode sequence => sequence.Children.Select(item => (Key: key, Value: item)),
            _ => [],
        };
        foreach (var found in children.SelectMany(child => Walk(child.Value, child.Key)))
        {
            yield return found;
        }
    }

    private static string Write(YamlNode node, string key) => node switch
    {
        YamlMappingNode mapping => "{" + string.Join(",", mapping.Children
            .Where(pair => pair.Key.ToString() != "tka.specht-labs.de/config" && !(pair.Key.ToString() == "annotations" && IsConfigOnly(pair.Value)))
            .OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}:{Write(pair.Value, pair.Key.ToString())}")) + "}",
        YamlSequenceNode sequence when Unordered.Contains(key) => "[" + string.Join(",", sequence.Children.Select(item => Write(item, "")).Order(StringComparer.Ordinal)) + "]",
        YamlSequenceNode sequence => "[" + string.Join(",", sequence.Children.Select(item => Write(item, ""))) + "]",
        YamlScalarNode scalar when key is "serve.json" => Blanks().Replace(scalar.Value ?? "", ""),
        YamlScalarNode scalar => scalar.Value ?? "",
        _ => "",
    };

    private static bool IsConfigOnly(YamlNode node) =>
        node is YamlMappingNode mapping && mapping.Children.All(pair => pair.Key.ToString() == "tka.specht-labs.de/config");

    // kustomize's generators append a hash; a chart has it in an annotation.
    [GeneratedRegex(@"\b(tka-api-serve|tka-api)-[a-z0-9]{10}\b")]
    private static partial Regex GeneratedName();

    [GeneratedRegex(@"\s")]
    private static partial Regex Blanks();
}
