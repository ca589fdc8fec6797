using System.Text.Json;

namespace TKA.AppHost.Publishing;

/// <summary>
/// <c>deploy/</c> with images and parameters filled in: <c>helm/</c> has the chart and its values, <c>kustomize/</c> the base with the
/// components and one overlay. Both give the same objects.
/// </summary>
/// <param name="source">The repository's <c>deploy/</c>.</param>
/// <param name="target">Where to write.</param>
internal sealed class DeployFiles(string source, string target)
{
    private const string StandardPeriod = "24h";
    private const string StandardTag = "0.1.0";

    /// <summary>The chart.</summary>
    public string Chart => Path.Combine(target, "helm", "tka");

    /// <summary>Its values.</summary>
    public string Values => Path.Combine(target, "helm", "values.yaml");

    /// <summary>The overlay.</summary>
    public string OverlayOf(DeploySettings settings) => Path.Combine(target, "kustomize", "overlays", settings.Overlay);

    /// <summary>Writes everything. Files that are there already are replaced, others stay.</summary>
    public void Write(DeploySettings settings)
    {
        Copy("charts/tka", "helm/tka", text => text);
        WriteValues(settings);
        foreach (var folder in new[] { "crd", "components" })
        {
            Copy(folder, $"kustomize/{folder}", text => text);
        }

        // The chart has the longest period as a value, the rendered base as text: in the settings of both services and in admission.
        Copy("base", "kustomize/base", text => text.Replace(StandardPeriod, settings.MaxPeriod, StringComparison.Ordinal));
        Copy($"overlays/{settings.Overlay}", $"kustomize/overlays/{settings.Overlay}", text => Fill(text, settings));
        File.AppendAllText(Path.Combine(OverlayOf(settings), "kustomization.yaml"), HostnamePatch(settings));
    }

    private static string Fill(string text, DeploySettings settings) => text
        .Replace("REGISTRY", settings.Registry, StringComparison.Ordinal)
        .Replace("TAILNET.ts.net", settings.Tailnet, StringComparison.Ordinal)
        .Replace($"newTag: {StandardTag}", $"newTag: {Quote(settings.Tag)}", StringComparison.Ordinal)
        .Replace("Operator__ClusterName=tka-cluster", $"Operator__ClusterName={settings.ClusterName}", StringComparison.Ordinal)
        .Replace("ClusterInfo__ApiEndpoint=", $"ClusterInfo__ApiEndpoint={settings.ClusterEndpoint}", StringComparison.Ordinal)
        .Replace("ClusterInfo__CaData=", $"ClusterInfo__CaData={settings.ClusterCa}", StringComparison.Ordinal);

    private static string HostnamePatch(DeploySettings settings) => $$"""
        patches:
          - patch: |-
              apiVersion: apps/v1
              kind: StatefulSet
              metadata: {name: tka-api, namespace: tka-system}
              spec:
                template:
                  spec:
                    initContainers: [{name: tailscale, env: [{name: TS_HOSTNAME, value: {{Quote(settings.Hostname)}}}]}]
                    containers: [{name: api, env: [{name: Tailscale__Hostname, value: {{Quote(settings.Hostname)}}}]}]

        """;

    /// <summary>A JSON string is a YAML string.</summary>
    private static string Quote(string value) => JsonSerializer.Serialize(value);

    private void WriteValues(DeploySettings settings)
    {
        var overlay = Fill(File.ReadAllText(Path.Combine(source, "overlays", settings.Overlay, "values.yaml")), settings);
        var tailscale = $"hostname: {Quote(settings.Hostname)}";
        overlay = overlay.Contains("tailscale: {", StringComparison.Ordinal)
            ? overlay.Replace("tailscale: {", $"tailscale: {{{tailscale}, ", StringComparison.Ordinal)
            : $"{overlay}tailscale: {{{tailscale}}}\n";
        File.WriteAllText(Values, $$"""
            {{overlay.TrimEnd()}}
            cluster:
              name: {{Quote(settings.ClusterName)}}
              apiEndpoint: {{Quote(settings.ClusterEndpoint)}}
              caData: {{Quote(settings.ClusterCa)}}
            images:
              registry: {{Quote(settings.Registry)}}
              tag: {{Quote(settings.Tag)}}
            maxPeriod: {{Quote(settings.MaxPeriod)}}

            """);
    }

    private void Copy(string from, string to, Func<string, string> change)
    {
        var root = Path.Combine(source, from);
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(target, to, Path.GetRelativePath(root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, change(File.ReadAllText(file)));
        }
    }
}
