using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using TKA.Tests.Infrastructure;

namespace TKA.Tests.Deploy;

/// <summary>The chart of <c>deploy/charts/tka</c>, rendered, and the files of <c>deploy/</c> that are rendered from it.</summary>
internal static partial class Rendering
{
    /// <summary>What the chart has no default for, and what belongs to kustomize alone.</summary>
    private static readonly string[] Common =
    [
        "--namespace", "tka-system", "--set", "cluster.apiEndpoint=https://k8s.test:6443", "--set", "images.registry=REGISTRY",
        "--set", "renderSystemNamespace=true", "--set", "crds.keep=false",
    ];

    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Rendered = new();

    /// <summary>Renders the chart as an overlay's <c>values.yaml</c> says; the same arguments once a run.</summary>
    public static Task<string> ChartAsync(string overlay, params IEnumerable<string> arguments) =>
        OnceAsync("helm", ["template", "tka", "deploy/charts/tka", .. Common, "--values", $"deploy/overlays/{overlay}/values.yaml", .. arguments]);

    /// <summary>Builds an overlay with kustomize; once a run.</summary>
    public static Task<string> OverlayAsync(string overlay) => OnceAsync("kubectl", ["kustomize", $"deploy/overlays/{overlay}"]);

    private static Task<string> OnceAsync(string tool, string[] arguments) =>
        Rendered.GetOrAdd($"{tool} {string.Join(' ', arguments)}", _ => new Lazy<Task<string>>(() => Tool.RunAsync(tool, arguments))).Value;

    /// <summary>Path below <c>deploy/</c> and content of each file that is rendered from the chart.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> FilesAsync()
    {
        string[] names = ["--set", "images.api.repository=tka-api", "--set", "images.operator.repository=tka-operator", "--set", "images.orchestrator.repository=tka-orchestrator"];
        var minimal = BySource(await ChartAsync("minimal", names));
        var standard = BySource(await ChartAsync("standard", names));
        var stores = standard["dapr"].Split("---\n");
        return new Dictionary<string, string>
        {
            ["base/namespaces.yaml"] = minimal["namespaces"],
            ["base/rbac/api.yaml"] = minimal["rbac-api"],
            ["base/rbac/auditor.yaml"] = minimal["rbac-auditor"],
            ["base/rbac/guard.yaml"] = minimal["rbac-guard"],
            ["base/rbac/operator.yaml"] = minimal["rbac-operator"],
            ["base/rbac/roles.yaml"] = minimal["rbac-roles"],
            ["base/admission/bindings.yaml"] = minimal["admission-bindings"],
            ["base/admission/guard.yaml"] = minimal["admission-guard"],
            ["base/admission/sessions.yaml"] = minimal["admission-sessions"],
            ["base/admission/signins.yaml"] = minimal["admission-signins"],
            ["base/workloads/api.yaml"] = minimal["api"],
            ["base/workloads/network.yaml"] = minimal["network"],
            ["base/workloads/operator.yaml"] = minimal["operator"],
            ["base/quota.yaml"] = minimal["quota"],
            ["components/dapr/ledger.yaml"] = stores.Single(document => document.Contains("name: tka-ledger\n", StringComparison.Ordinal)),
            ["components/dapr/network.yaml"] = standard["network"].Split("---\n").Single(document => document.Contains("name: tka-dapr\n", StringComparison.Ordinal)),
            ["components/orchestrator/orchestrator.yaml"] = standard["orchestrator"],
            ["components/orchestrator/registry.yaml"] = stores.Single(document => document.Contains("name: tka-registry\n", StringComparison.Ordinal)),
            ["components/monitoring/monitoring.yaml"] = standard["monitoring"],
        };
    }

    /// <summary>Writes them, when <c>TKA_UPDATE_DEPLOY=1</c>.</summary>
    public static async Task UpdateAsync()
    {
        if (Environment.GetEnvironmentVariable("TKA_UPDATE_DEPLOY") != "1")
        {
            return;
        }

        foreach (var (path, content) in await FilesAsync())
        {
            var file = Path.Combine(DeployFiles.RepositoryRoot, "deploy", path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, content);
        }
    }

    /// <summary>What each template renders, by its name without extension; documents keep their comments.</summary>
    private static Dictionary<string, string> BySource(string rendered) => rendered
        .Split("---\n", StringSplitOptions.RemoveEmptyEntries)
        .Select(document => (Source: SourceLine().Match(document), Text: document))
        .Where(document => document.Source.Success)
        .GroupBy(document => document.Source.Groups["name"].Value)
        .ToDictionary(
            source => source.Key,
            source => string.Join("---\n", source.Select(document => Clean(SourceLine().Replace(document.Text, "")))));

    private static string Clean(string document) => EmptyAnnotations().Replace(Checksum().Replace(TrailingBlanks().Replace(document, ""), ""), "").Trim('\n') + "\n";

    [GeneratedRegex(@"^# Source: tka/templates/(?<name>[\w-]+)\.yaml\n", RegexOptions.Multiline)]
    private static partial Regex SourceLine();

    [GeneratedRegex(@"^ *# A changed setting restarts the Pods\.\n *tka\.specht-labs\.de/config: .*\n", RegexOptions.Multiline)]
    private static partial Regex Checksum();

    [GeneratedRegex(@"^ *annotations:\n(?= *spec:)", RegexOptions.Multiline)]
    private static partial Regex EmptyAnnotations();

    [GeneratedRegex(@"[ \t]+$", RegexOptions.Multiline)]
    private static partial Regex TrailingBlanks();
}
