using Xunit;
using YamlDotNet.RepresentationModel;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>
/// What Dapr's injector does to our Pods, rule by rule, as read in the sources of dapr/dapr v1.18.3: each row names the line, and what our
/// manifests do about it. Nothing here runs Dapr.
/// </summary>
public sealed class DaprInjectorTests
{
    private const string Sidecar = "pkg/injector/patcher/sidecar.go";
    private const string Container = "pkg/injector/patcher/sidecar_container.go";
    private const string Patcher = "pkg/injector/patcher/sidecar_patcher.go";
    private const string Chart = "charts/dapr/charts/dapr_sidecar_injector/values.yaml";

    // Rule, or the annotation that it reads; where it is written; what our manifests must say.
    private static readonly (string Rule, string Source, Func<Injected, bool> Holds)[] Rules =
    [
        ("dapr.io/enabled", $"{Sidecar}:63", pod => pod.Annotation("enabled") == "true"),
        ("dapr.io/app-id", $"{Sidecar}:68, must be the scope of the Component", pod => pod.Components.Any(component => Items(component, "scopes").SequenceEqual([pod.Annotation("app-id")]))),
        ("dapr.io/log-level", $"{Sidecar}:70, default info", pod => pod.Annotation("log-level") == "warn"),
        ("dapr.io/log-as-json", $"{Sidecar}:73", pod => pod.Annotation("log-as-json") == "true"),
        ("dapr.io/enable-api-logging", $"{Sidecar}:104, default that of the Configuration", pod => pod.Annotation("enable-api-logging") == "false"),
        ("dapr.io/sidecar-cpu-request", $"{Sidecar}:83, no default: a quota refuses a container without", pod => pod.Annotation("sidecar-cpu-request") is not null),
        ("dapr.io/sidecar-memory-request", $"{Sidecar}:85, no default", pod => pod.Annotation("sidecar-memory-request") is not null),
        ("dapr.io/sidecar-memory-limit", $"{Sidecar}:86, no default", pod => pod.Annotation("sidecar-memory-limit") is not null),
        ("dapr.io/sidecar-seccomp-profile-type", $"{Sidecar}:97, {Container}:245: none without it, which `restricted` refuses", pod => pod.Annotation("sidecar-seccomp-profile-type") == "RuntimeDefault"),
        ("dapr.io/block-shutdown-duration", $"{Sidecar}:103: daprd would go before the last entries of the ledger", pod => pod.Annotation("block-shutdown-duration") == "5s"),
        (
            "dapr.io/disable-builtin-k8s-secret-store",
            $"{Sidecar}:108, pkg/runtime/runtime.go:1620: without a ServiceAccount token the built-in store cannot start, and daprd ends",
            pod => pod.Annotation("disable-builtin-k8s-secret-store") == "true" && Text(pod.Spec, "automountServiceAccountToken") == "false"
        ),
        (
            "dapr.io/api-token-secret",
            $"{Sidecar}:71, {Container}:394: daprd asks for the token (key token), and {Patcher}:176 gives the app ports only",
            pod => pod.Variable("DAPR_API_TOKEN") is { } variable
                && Text(variable, "valueFrom", "secretKeyRef", "name") == pod.Annotation("api-token-secret") && Text(variable, "valueFrom", "secretKeyRef", "key") == "token"
        ),
        (
            "capabilities",
            $"{Sidecar}:51, {Container}:249, {Chart}:31: only an option of Dapr's own chart drops them, so `restricted` would refuse the Pod",
            pod => Text(pod.Namespace, "metadata", "labels", "pod-security.kubernetes.io/enforce") == "baseline"
        ),
        ("allowPrivilegeEscalation, runAsNonRoot, readOnlyRootFilesystem", $"{Container}:238, {Chart}:28: our Pod's own user is not root", pod => Text(pod.Spec, "securityContext", "runAsNonRoot") == "true"),
        (
            "injection is not certain",
            $"{Chart}:25, webhookFailurePolicy Ignore: a Pod may start without a sidecar, and must then show it",
            pod => pod.Variable("DAPR_GRPC_ENDPOINT") is not null
        ),
        ("gRPC port", $"{Sidecar}:81, default 50001", pod => Text(pod.Variable("DAPR_GRPC_ENDPOINT")!, "value") == "http://127.0.0.1:50001" && pod.Annotation("grpc-port") is null),
        ("listen addresses", $"{Sidecar}:87, default loopback", pod => pod.Annotation("sidecar-listen-addresses") is null),
        ("a container named daprd is taken for the sidecar", $"{Patcher}:156", pod => pod.Containers.All(container => Text(container, "name") != "daprd")),
        (
            "token volume",
            $"{Patcher}:80, pkg/injector/patcher/sidecar_volumes.go:71: daprd's identity is a projected token of its own; ours is not mounted into it",
            pod => Nodes(pod.Spec, "volumes").All(volume => Text(volume, "name") != "dapr-identity-token")
        ),
        (
            "readiness",
            $"{Container}:307: the Pod is ready only while daprd is, so the Service must not depend on readiness",
            pod => pod.Service is not { } service || (Text(service, "spec", "publishNotReadyAddresses") == "true" && Text(service, "spec", "clusterIP") == "None")
        ),
        ("a Component that fails", "pkg/runtime/processor/components.go:192: daprd ends unless the Component says otherwise", pod => pod.Components.All(component => Text(component, "spec", "ignoreErrors") == "true")),
        (
            "the Component's Secret",
            "pkg/operator/api/api.go:46: Dapr's operator reads it when the store is called kubernetes, not daprd",
            pod => pod.Components.All(component => Text(component, "auth", "secretStore") == "kubernetes")
        ),
    ];

    public static TheoryData<string> Injects => ["tka-operator", "tka-orchestrator"];

    [Theory, MemberData(nameof(Injects))]
    public async Task Every_rule_of_the_injector_is_met(string workload)
    {
        var pod = Injected.Of(Parse(await Rendering.ChartAsync("standard")), workload);
        Assert.All(Rules, rule => Assert.True(rule.Holds(pod), $"{rule.Rule} ({rule.Source})"));
    }

    [Theory, MemberData(nameof(Injects))]
    public async Task No_annotation_is_without_its_row(string workload)
    {
        var pod = Injected.Of(Parse(await Rendering.ChartAsync("standard")), workload);
        Assert.All(pod.Annotations, annotation => Assert.Contains(Rules, rule => rule.Rule == annotation));
    }

    [Fact]
    public async Task Each_app_has_a_store_and_a_database_user_of_its_own()
    {
        var components = Parse(await Rendering.ChartAsync("standard")).Where(node => Text(node, "kind") == "Component").ToArray();
        Assert.Equal(["tka-ledger", "tka-registry"], components.Select(component => Text(component, "metadata", "name")).Order());
        Assert.Distinct(components.Select(component => Text(Nodes(component, "spec", "metadata").First(), "secretKeyRef", "key")));
        Assert.Distinct(components.Select(component => Text(Nodes(component, "spec", "metadata").Last(), "value")));
    }

    [Fact]
    public async Task Without_Dapr_nothing_of_it_is_rendered()
    {
        var rendered = await Rendering.ChartAsync("minimal");
        Assert.DoesNotContain("dapr.io", rendered, StringComparison.Ordinal);
        Assert.DoesNotContain("DAPR_", rendered, StringComparison.Ordinal);
        Assert.DoesNotContain("monitoring.coreos.com", rendered, StringComparison.Ordinal);
    }

    private sealed record Injected(YamlNode Template, YamlNode Namespace, YamlNode? Service, IReadOnlyList<YamlNode> Components)
    {
        public YamlNode Spec => Find(Template, "spec")!;

        public IEnumerable<YamlNode> Containers => Nodes(Spec, "initContainers").Concat(Nodes(Spec, "containers"));

        public IEnumerable<string> Annotations => ((YamlMappingNode)Find(Template, "metadata", "annotations")!).Children.Keys
            .Select(key => key.ToString()).Where(key => key.StartsWith("dapr.io/", StringComparison.Ordinal));

        public static Injected Of(IReadOnlyList<YamlNode> objects, string workload) => new(
            Find(objects.Single(node => Text(node, "kind") is "Deployment" or "StatefulSet" && Text(node, "metadata", "name") == workload), "spec", "template")!,
            objects.Single(node => Text(node, "kind") == "Namespace" && Text(node, "metadata", "name") == "tka-system"),
            objects.SingleOrDefault(node => Text(node, "kind") == "Service" && Text(node, "metadata", "name") == workload),
            [.. objects.Where(node => Text(node, "kind") == "Component" && Items(node, "scopes").Contains(workload))]);

        public string? Annotation(string name) => Text(Template, "metadata", "annotations", $"dapr.io/{name}");

        public YamlNode? Variable(string name) => Nodes(Nodes(Spec, "containers").Single(), "env").SingleOrDefault(variable => Text(variable, "name") == name);
    }
}
