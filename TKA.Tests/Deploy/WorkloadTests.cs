using System.Text.RegularExpressions;
using TKA.Tests.Infrastructure;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace TKA.Tests.Deploy;

/// <summary>How the Pods of deploy/ are hardened; read from the files, because no test cluster runs them.</summary>
public sealed partial class WorkloadTests
{
    private static readonly string Deploy = Path.Combine(DeployFiles.RepositoryRoot, "deploy");

    public static TheoryData<string> Workloads => ["api", "operator", "orchestrator"];

    [Theory, MemberData(nameof(Workloads))]
    public void Pods_run_without_privileges(string workload)
    {
        var pod = Pod(workload);
        Assert.Equal("true", Text(pod, "securityContext", "runAsNonRoot"));
        Assert.Equal("RuntimeDefault", Text(pod, "securityContext", "seccompProfile", "type"));
        Assert.Equal("false", Text(pod, "automountServiceAccountToken"));
        foreach (var container in Containers(pod))
        {
            Assert.Equal("false", Text(container, "securityContext", "allowPrivilegeEscalation"));
            Assert.Equal("true", Text(container, "securityContext", "readOnlyRootFilesystem"));
            Assert.Equal(["ALL"], Items(container, "securityContext", "capabilities", "drop"));
            Assert.NotNull(Text(container, "resources", "limits", "memory"));
        }
    }

    [Theory, MemberData(nameof(Workloads))]
    public void Health_and_metrics_are_on_the_Pods_own_address(string workload)
    {
        var container = Container(workload, workload);
        Assert.Equal("status.podIP", Text(Variable(container, "Management__Address"), "valueFrom", "fieldRef", "fieldPath"));
        foreach (var (probe, path) in ((string, string)[])[("livenessProbe", "/livez"), ("readinessProbe", "/readyz"), ("startupProbe", "/livez")])
        {
            Assert.Equal(path, Text(container, probe, "httpGet", "path"));
            Assert.Equal("management", Text(container, probe, "httpGet", "port"));
        }
    }

    [Theory]
    [InlineData("api")]
    [InlineData("orchestrator")]
    public void The_sidecar_shares_neither_user_nor_token_with_the_service(string workload)
    {
        var sidecar = Container(workload, "tailscale");
        Assert.NotEqual(Text(Pod(workload), "securityContext", "runAsUser"), Text(sidecar, "securityContext", "runAsUser"));
        Assert.DoesNotContain(Nodes(sidecar, "volumeMounts"), mount => Text(mount, "mountPath")!.Contains("secrets", StringComparison.Ordinal));
        Assert.Equal("127.0.0.1", Text(Variable(Container(workload, workload), "Server__Address"), "value"));
    }

    [Fact]
    public void Every_file_is_in_the_kustomization()
    {
        var files = Directory.EnumerateFiles(Deploy, "*.yaml", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Deploy, path).Replace('\\', '/'))
            .Where(path => path != "kustomization.yaml" && !path.StartsWith("dapr/local/", StringComparison.Ordinal));
        Assert.Equal(files.Order(), Items(Documents("kustomization.yaml").Single(), "resources").Order());
    }

    [Fact]
    public void The_roles_that_may_be_bound_are_the_roles_that_may_be_granted()
    {
        var rule = Documents("rbac/operator.yaml")
            .Where(document => Text(document, "kind") == "ClusterRole")
            .SelectMany(document => Nodes(document, "rules"))
            .Single(candidate => Items(candidate, "resources").Contains("clusterroles"));
        var settings = (YamlMappingNode)Find(Documents("workloads/roles.yaml").Single(), "data")!;
        var allowed = Values("Operator__AllowedRoles__");
        Assert.Equal(Items(rule, "resourceNames"), allowed);
        var policy = File.ReadAllText(Path.Combine(Deploy, "admission", "bindings.yaml"));
        Assert.Contains($"object.roleRef.name in [{Quoted(allowed)}])", policy, StringComparison.Ordinal);
        Assert.Contains($"has(request.namespace) || object.roleRef.name in [{Quoted(Values("Operator__ClusterWideRoles__"))}]", policy, StringComparison.Ordinal);

        IEnumerable<string?> Values(string prefix) => settings.Children
            .Where(pair => pair.Key.ToString().StartsWith(prefix, StringComparison.Ordinal))
            .Select(pair => ((YamlScalarNode)pair.Value).Value);

        static string Quoted(IEnumerable<string?> roles) => string.Join(", ", roles.Select(role => $"'{role}'"));
    }

    [Fact]
    public void Every_alert_names_a_runbook_that_exists()
    {
        var guide = File.ReadAllLines(Path.Combine(DeployFiles.RepositoryRoot, "docs", "operator-guide.md"))
            .Where(line => line.StartsWith("### ", StringComparison.Ordinal))
            .Select(line => $"docs/operator-guide.md#{line[4..].ToLowerInvariant().Replace(' ', '-')}")
            .ToHashSet();
        var rules = Nodes(Nodes(Documents("prometheus/rules.yaml").Single(), "spec", "groups").Single(), "rules").ToArray();
        Assert.NotEmpty(rules);
        Assert.All(rules, rule => Assert.Contains(Text(rule, "annotations", "runbook")!, guide));
    }

    [Fact]
    public void Every_alert_watches_a_metric_that_some_service_has()
    {
        var sources = Directory.EnumerateDirectories(DeployFiles.RepositoryRoot, "TKA.*")
            .Where(room => !room.EndsWith("TKA.Tests", StringComparison.Ordinal))
            .SelectMany(room => Directory.EnumerateFiles(room, "*Metrics.cs", SearchOption.AllDirectories))
            .Select(File.ReadAllText)
            .ToArray();
        var watched = MetricName().Matches(File.ReadAllText(Path.Combine(Deploy, "prometheus", "rules.yaml"))).Select(match => match.Value).Distinct();
        Assert.All(watched, name => Assert.Contains(
            sources, source => source.Contains($"\"{name}\"", StringComparison.Ordinal) || source.Contains($"\"{name.Replace('_', '.')}\"", StringComparison.Ordinal)));
    }

    [GeneratedRegex("tka_[a-z_]+?(?=_bucket|[^a-z_])")]
    private static partial Regex MetricName();

    private static YamlNode Pod(string workload) => Documents($"workloads/{workload}.yaml")
        .Single(document => Text(document, "kind") is "Deployment" or "StatefulSet")["spec"]["template"]["spec"];

    private static IEnumerable<YamlNode> Containers(YamlNode pod) => Nodes(pod, "initContainers").Concat(Nodes(pod, "containers"));

    private static YamlNode Container(string workload, string name) => Containers(Pod(workload)).Single(container => Text(container, "name") == name);

    private static YamlNode Variable(YamlNode container, string name) => Nodes(container, "env").Single(variable => Text(variable, "name") == name);

    private static List<YamlNode> Documents(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(Deploy, file));
        stream.Load(reader);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    private static YamlNode? Find(YamlNode node, params ReadOnlySpan<string> path)
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

    private static string? Text(YamlNode node, params ReadOnlySpan<string> path) => (Find(node, path) as YamlScalarNode)?.Value;

    private static IEnumerable<YamlNode> Nodes(YamlNode node, params ReadOnlySpan<string> path) =>
        (Find(node, path) as YamlSequenceNode)?.Children ?? [];

    private static string?[] Items(YamlNode node, params ReadOnlySpan<string> path) =>
        [.. Nodes(node, path).Select(item => (item as YamlScalarNode)?.Value)];
}
