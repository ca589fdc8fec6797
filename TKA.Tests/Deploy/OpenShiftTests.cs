using Xunit;
using YamlDotNet.RepresentationModel;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>
/// OpenShift admits the chart's Pods under <c>restricted-v2</c>, which every ServiceAccount may use, when user ids are left to the platform. The
/// rules are those of openshift/microshift 8e16b12fda, assets/controllers/openshift-default-scc-manager/
/// 0000_20_kube-apiserver-operator_00_scc-restricted-v2.yaml, a row for each field of it that constrains a Pod.
/// </summary>
public sealed class OpenShiftTests
{
    private static readonly string[] Volumes =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    private static readonly (string Field, Func<YamlNode, YamlNode, bool> Holds)[] Rules =
    [
        ("allowHostDirVolumePlugin: false", (pod, _) => Nodes(pod, "volumes").All(volume => Find(volume, "hostPath") is null)),
        ("allowHostIPC: false", (pod, _) => Text(pod, "hostIPC") is null or "false"),
        ("allowHostNetwork: false", (pod, _) => Text(pod, "hostNetwork") is null or "false"),
        ("allowHostPID: false", (pod, _) => Text(pod, "hostPID") is null or "false"),
        ("allowHostPorts: false", (_, container) => Nodes(container, "ports").All(port => Text(port, "hostPort") is null)),
        ("allowPrivilegeEscalation: false", (_, container) => Text(container, "securityContext", "allowPrivilegeEscalation") == "false"),
        ("allowPrivilegedContainer: false", (_, container) => Text(container, "securityContext", "privileged") is null or "false"),
        ("allowedCapabilities: [NET_BIND_SERVICE]", (_, container) => Items(container, "securityContext", "capabilities", "add").Length == 0),
        ("requiredDropCapabilities: [ALL]", (_, container) => Items(container, "securityContext", "capabilities", "drop").SequenceEqual(["ALL"])),
        ("fsGroup: MustRunAs", (pod, _) => Text(pod, "securityContext", "fsGroup") is null),
        ("runAsUser: MustRunAsRange, of the Pod", (pod, _) => Text(pod, "securityContext", "runAsUser") is null && Text(pod, "securityContext", "runAsGroup") is null),
        ("runAsUser: MustRunAsRange, of the container", (_, container) => Text(container, "securityContext", "runAsUser") is null && Text(container, "securityContext", "runAsGroup") is null),
        ("seLinuxContext: MustRunAs", (pod, container) => Find(pod, "securityContext", "seLinuxOptions") is null && Find(container, "securityContext", "seLinuxOptions") is null),
        ("seccompProfiles: [runtime/default]", (pod, container) => Text(pod, "securityContext", "seccompProfile", "type") == "RuntimeDefault" && Find(container, "securityContext", "seccompProfile") is null),
        ("volumes", (pod, _) => Nodes(pod, "volumes").All(volume => ((YamlMappingNode)volume).Children.Keys.Select(key => key.ToString()).Except(["name"]).All(Volumes.Contains))),

        // No field of its own: a sysctl that Kubernetes calls safe is allowed unless forbidden (apiserver-library-go, sysctl/mustmatchpatterns.go:46).
        ("forbiddenSysctls: none", (pod, _) => Nodes(pod, "securityContext", "sysctls").All(sysctl => Text(sysctl, "name") == "net.ipv4.ip_unprivileged_port_start")),

        // No rules of it, but what an id without a name needs. .NET cannot use TLS without a home.
        ("a home", (_, container) => Text(container, "name") == "tailscale" || Nodes(container, "env").Any(variable => Text(variable, "name") == "HOME" && Text(variable, "value") == "/tmp")),
        ("no id elsewhere", (_, container) => Nodes(container, "env").All(variable => Text(variable, "value") is not ("1654" or "65531"))),
    ];

    [Theory]
    [InlineData("standard")]
    [InlineData("ha")]
    public async Task Pods_without_fixed_user_ids_are_what_restricted_v2_admits(string overlay)
    {
        var pods = Pods(await Rendering.ChartAsync(overlay, "--set", "podSecurity.fixedUserIds=false,tailscale.workloadIdentity.clientId=kExample"));
        Assert.Equal(["tka-api", "tka-check", "tka-end-sessions", "tka-operator", "tka-orchestrator"], pods.Select(pod => pod.Name).Order(StringComparer.Ordinal));
        foreach (var (name, pod) in pods)
        {
            foreach (var container in Nodes(pod, "initContainers").Concat(Nodes(pod, "containers")))
            {
                Assert.All(Rules, rule => Assert.True(rule.Holds(pod, container), $"{name} {Text(container, "name")}: {rule.Field}"));
            }
        }
    }

    [Fact]
    public async Task The_rules_see_the_fixed_user_ids()
    {
        var (_, pod) = Pods(await Rendering.ChartAsync("standard")).Single(pod => pod.Name == "tka-api");
        var broken = Rules.Where(rule => Nodes(pod, "initContainers").Concat(Nodes(pod, "containers")).Any(container => !rule.Holds(pod, container))).Select(rule => rule.Field);
        Assert.Equal(["fsGroup: MustRunAs", "runAsUser: MustRunAsRange, of the Pod", "runAsUser: MustRunAsRange, of the container", "a home", "no id elsewhere"], broken);
    }

    private static (string Name, YamlNode Spec)[] Pods(string rendered) =>
    [
        .. from node in Parse(rendered)
           let spec = Text(node, "kind") == "Pod" ? Find(node, "spec") : Find(node, "spec", "template", "spec")
           where spec is not null
           select (Text(node, "metadata", "name")!, spec),
    ];
}
