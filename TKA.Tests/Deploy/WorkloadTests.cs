using System.Text.RegularExpressions;
using TKA.Tests.Infrastructure;
using Xunit;
using YamlDotNet.RepresentationModel;
using static TKA.Tests.Deploy.Manifests;

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

    [Theory]
    [InlineData("minimal")]
    [InlineData("standard")]
    [InlineData("ha")]
    public async Task A_variable_follows_those_that_it_refers_to(string overlay)
    {
        foreach (var container in Parse(await Rendering.OverlayAsync(overlay)).SelectMany(node => Walk(node)).Where(found => found.Key is "containers" or "initContainers"))
        {
            HashSet<string> known = [];
            foreach (var variable in Nodes(container.Node, "env"))
            {
                Assert.All(Reference().Matches(Text(variable, "value") ?? ""), match => Assert.Contains(match.Groups[1].Value, known));
                known.Add(Text(variable, "name")!);
            }
        }
    }

    /// <summary>
    /// An API server fills in what is left out. Inside a list or field that is owned as a whole that makes `kubectl apply --server-side` conflict
    /// with an earlier `kubectl apply`, and a continuous delivery tool show a difference for ever.
    /// </summary>
    [Theory]
    [InlineData("minimal")]
    [InlineData("standard")]
    [InlineData("ha")]
    public async Task Nothing_that_the_server_fills_in_is_left_out_of_what_is_owned_as_a_whole(string overlay)
    {
        var nodes = Parse(await Rendering.ChartAsync(overlay)).SelectMany(node => Walk(node)).Where(found => found.Node is YamlMappingNode).ToArray();
        Required("resourceRules", "scope");
        Required("matchConstraints", "matchPolicy", "namespaceSelector", "objectSelector");
        Required("fieldRef", "apiVersion");
        Required("serviceAccountToken", "expirationSeconds");
        Required("volumeClaimTemplates", "apiVersion", "kind", "status");
        foreach (var port in nodes.Where(found => found.Key == "ports"))
        {
            Assert.NotNull(Text(port.Node, "protocol"));
        }

        void Required(string key, params string[] fields)
        {
            var found = nodes.Where(node => node.Key == key && (key != "volumeClaimTemplates" || Find(node.Node, "spec") is not null)).ToArray();
            Assert.NotEmpty(found);
            Assert.All(found, node => Assert.All(fields, field => Assert.NotNull(Find(node.Node, field))));
        }
    }

    [Fact]
    public void The_roles_that_may_be_bound_are_the_roles_that_may_be_granted()
    {
        var rule = Documents("base/rbac/operator.yaml")
            .Where(document => Text(document, "kind") == "ClusterRole")
            .SelectMany(document => Nodes(document, "rules"))
            .Single(candidate => Items(candidate, "verbs").Contains("bind"));
        var policy = File.ReadAllText(Path.Combine(Deploy, "base", "admission", "bindings.yaml"));
        foreach (var workload in (string[])["api", "operator"])
        {
            var settings = Nodes(Pod(workload), "containers").Single(container => Text(container, "name") == workload);
            var allowed = Values("Operator__AllowedRoles__");
            Assert.Equal(Items(rule, "resourceNames"), allowed);
            Assert.Contains($"object.roleRef.name in [{Quoted(allowed)}])", policy, StringComparison.Ordinal);
            Assert.Contains($"has(request.namespace) || object.roleRef.name in [{Quoted(Values("Operator__ClusterWideRoles__"))}]", policy, StringComparison.Ordinal);

            string?[] Values(string prefix) =>
                [.. Nodes(settings, "env").Where(variable => Text(variable, "name")!.StartsWith(prefix, StringComparison.Ordinal)).Select(variable => Text(variable, "value"))];
        }

        static string Quoted(IEnumerable<string?> roles) => string.Join(", ", roles.Select(role => $"'{role}'"));
    }

    [GeneratedRegex(@"\$\((\w+)\)")]
    private static partial Regex Reference();

    private static YamlNode Pod(string workload) => Documents(workload == "orchestrator" ? "components/orchestrator/orchestrator.yaml" : $"base/workloads/{workload}.yaml")
        .Single(document => Text(document, "kind") is "Deployment" or "StatefulSet")["spec"]["template"]["spec"];

    private static IEnumerable<YamlNode> Containers(YamlNode pod) => Nodes(pod, "initContainers").Concat(Nodes(pod, "containers"));

    private static YamlNode Container(string workload, string name) => Containers(Pod(workload)).Single(container => Text(container, "name") == name);

    private static YamlNode Variable(YamlNode container, string name) => Nodes(container, "env").Single(variable => Text(variable, "name") == name);

    private static IReadOnlyList<YamlNode> Documents(string file) => Manifests.Parse(File.ReadAllText(Path.Combine(Deploy, file)));
}
