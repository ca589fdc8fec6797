using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>One truth for Helm and kustomize: the chart.</summary>
public sealed class ChartTests
{
    public static TheoryData<string> Overlays => ["minimal", "standard", "ha"];

    [Fact]
    public async Task Files_of_deploy_are_what_the_chart_renders()
    {
        await Rendering.UpdateAsync();
        foreach (var (path, expected) in await Rendering.FilesAsync())
        {
            var actual = await File.ReadAllTextAsync(Path.Combine(DeployFiles.RepositoryRoot, "deploy", path), TestContext.Current.CancellationToken);
            Assert.True(expected == actual, $"deploy/{path} differs from what the chart renders: change the chart, then run this test with TKA_UPDATE_DEPLOY=1.\n{expected}");
        }
    }

    [Theory, MemberData(nameof(Overlays))]
    public async Task An_overlay_gives_the_chart_s_objects(string overlay)
    {
        var chart = Manifests.Canonical((await Rendering.ChartAsync(overlay)).Replace("https://k8s.test:6443", "", StringComparison.Ordinal));
        var kustomize = Manifests.Canonical(await Rendering.OverlayAsync(overlay));
        Assert.Equal(chart.Keys.Order(), kustomize.Keys.Order());
        Assert.All(chart, pair => Assert.Equal(pair.Value, kustomize[pair.Key]));
    }

    [Theory]
    [InlineData("cluster.apiEndpoint is missing", "--set", "images.registry=r.test/tka")]
    [InlineData("images.registry is missing", "--set", "cluster.apiEndpoint=https://k8s.test")]
    [InlineData("cluster.apiEndpoint", "--set", "cluster.apiEndpoint=http://k8s.test")]
    [InlineData("images.registry", "--set", "images.registry=registry.example.com")]
    [InlineData("an example from the documentation", "--set", "cluster.apiEndpoint=https://k8s.test,images.registry=ghcr.io/your-organisation/tka")]
    [InlineData("an example from the documentation", "--set", "cluster.apiEndpoint=https://203.0.113.10:6443,images.registry=r.test")]
    [InlineData("an example from the documentation", "--set", "cluster.apiEndpoint=https://kubernetes.example.com:6443,images.registry=r.test")]
    [InlineData("roles.acceptWiderRoles=true", "--set", "cluster.apiEndpoint=https://k8s.test,images.registry=r.test,roles.allowed={view,admin}")]
    [InlineData("roles.acceptWiderRoles=true", "--set", "cluster.apiEndpoint=https://k8s.test,images.registry=r.test,roles.clusterWide={view,tka-edit}")]
    [InlineData("not in roles.allowed", "--set", "cluster.apiEndpoint=https://k8s.test,images.registry=r.test,roles.clusterWide={on-call}")]
    [InlineData("orchestrator.enabled needs dapr.enabled", "--set", "cluster.apiEndpoint=https://k8s.test,images.registry=r.test,orchestrator.enabled=true")]
    [InlineData("tailscale.tailnet is missing", "--set", "cluster.apiEndpoint=https://k8s.test,images.registry=r.test,tailscale.service=svc:tka")]
    [InlineData("needs tailscale.service", "--set", "cluster.apiEndpoint=https://k8s.test,images.registry=r.test,api.replicas=2")]
    [InlineData("clsuter", "--set", "clsuter.name=x")]
    public async Task What_cannot_work_is_not_rendered(string says, params string[] arguments)
    {
        var (exitCode, _, error) = await Tool.TryAsync("helm", ["template", "tka", "deploy/charts/tka", "--namespace", "tka-system", .. arguments]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Roles_and_names_go_into_every_place_from_one_value()
    {
        var rendered = await Rendering.ChartAsync(
            "minimal", "--namespace", "access", "--set", "sessionsNamespace=access-sessions", "--set", "roles.allowed={view,on-call}", "--set", "roles.clusterWide={on-call}", "--set", "maxPeriod=12h");
        Assert.Contains("""resourceNames: ["view","on-call"]""", rendered, StringComparison.Ordinal);
        Assert.Contains("object.roleRef.name in ['view', 'on-call'])", rendered, StringComparison.Ordinal);
        Assert.Contains("has(request.namespace) || object.roleRef.name in ['on-call']", rendered, StringComparison.Ordinal);
        Assert.Contains("{name: Operator__AllowedRoles__1, value: on-call}", rendered, StringComparison.Ordinal);
        Assert.Contains("{name: Operator__ClusterWideRoles__0, value: on-call}", rendered, StringComparison.Ordinal);
        Assert.Contains("duration('12h')", rendered, StringComparison.Ordinal);
        Assert.Contains("'system:serviceaccount:access:tka-operator'", rendered, StringComparison.Ordinal);
        Assert.Contains("'system:serviceaccounts:access-sessions'", rendered, StringComparison.Ordinal);
        Assert.DoesNotContain("namespace: tka-s", rendered, StringComparison.Ordinal);
        Assert.DoesNotContain("'tka-system'", rendered, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("crds.keep=true", "helm.sh/resource-policy: keep")]
    [InlineData("images.api.digest=sha256:0123456789012345678901234567890123456789012345678901234567890123", "/tka-api@sha256:0123456789")]
    [InlineData("images.pullSecrets[0].name=pull", """imagePullSecrets: [{"name":"pull"}]""")]
    [InlineData("operator.nodeSelector.pool=infra", "pool: infra")]
    [InlineData("api.tolerations[0].operator=Exists", "- operator: Exists")]
    [InlineData("operator.priorityClassName=high", "priorityClassName: high")]
    [InlineData("api.resources.limits.memory=1Gi", """{"limits":{"memory":"1Gi"}""")]
    [InlineData("api.podLabels.team=access", "team: access")]
    [InlineData("operator.podAnnotations.note=x", "note: x")]
    [InlineData("extraEnv[0].name=OTEL_EXPORTER_OTLP_ENDPOINT", "name: OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("networkPolicy.kubernetesApi.ports={9443}", "{protocol: TCP, port: 9443}")]
    [InlineData("dapr.databaseSecret=mine", "name: mine")]
    [InlineData("dapr.apiTokenSecret=mine", "dapr.io/api-token-secret: mine")]
    public async Task A_value_is_where_it_belongs(string value, string there)
    {
        Assert.DoesNotContain(there, await Rendering.ChartAsync("standard"), StringComparison.Ordinal);
        Assert.Contains(there, await Rendering.ChartAsync("standard", "--set", value), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_of_ones_own_are_on_every_object()
    {
        var objects = Manifests.Parse(await Rendering.ChartAsync("standard", "--set", "extraLabels.cost-center=platform"));
        Assert.All(objects, node => Assert.True(Manifests.Text(node, "metadata", "labels", "cost-center") == "platform", $"{Manifests.Text(node, "kind")} {Manifests.Text(node, "metadata", "name")}"));
    }

    [Fact]
    public async Task A_changed_setting_restarts_the_Pods_that_read_it()
    {
        static string?[] Checksums(string rendered) =>
            [.. Manifests.Parse(rendered).Select(node => Manifests.Text(node, "spec", "template", "metadata", "annotations", "tka.specht-labs.de/config")).Where(value => value is not null)];

        var before = Checksums(await Rendering.ChartAsync("minimal"));
        var after = Checksums(await Rendering.ChartAsync("minimal", "--set", "cluster.name=other"));
        Assert.Single(before);
        Assert.Empty(before.Intersect(after));
    }

    [Fact]
    public async Task The_chart_passes_helm_lint() =>
        await Tool.RunAsync("helm", "lint", "--strict", "deploy/charts/tka", "--set", "cluster.apiEndpoint=https://k8s.test,images.registry=r.test/tka");

    [Fact]
    public void The_chart_carries_the_CRD_of_deploy() =>
        Assert.Equal(
            File.ReadAllText(Path.Combine(DeployFiles.RepositoryRoot, "deploy", "crd", "tkasignins.yaml")),
            File.ReadAllText(Path.Combine(DeployFiles.RepositoryRoot, "deploy", "charts", "tka", "files", "tkasignins.yaml")));

    [Fact]
    public void Every_file_is_in_its_kustomization()
    {
        var deploy = Path.Combine(DeployFiles.RepositoryRoot, "deploy");
        foreach (var kustomization in Directory.EnumerateFiles(deploy, "kustomization.yaml", SearchOption.AllDirectories))
        {
            var folder = Path.GetDirectoryName(kustomization)!;
            var text = File.ReadAllText(kustomization);
            var files = folder == Path.Combine(deploy, "base")
                ? new[] { "namespaces.yaml", "quota.yaml", "rbac", "admission", "workloads" }.Select(part => Path.Combine(folder, part))
                    .SelectMany(path => File.Exists(path) ? [path] : Directory.EnumerateFiles(path, "*.yaml"))
                : Directory.EnumerateFiles(folder).Where(file => !file.EndsWith("values.yaml", StringComparison.Ordinal) && file != kustomization);
            Assert.All(files, file => Assert.Contains(Path.GetRelativePath(folder, file).Replace('\\', '/'), text, StringComparison.Ordinal));
        }
    }
}
