namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// The checks of the Pod Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/), in the words of
/// <c>k8s.io/pod-security-admission</c>. SELinux, AppArmor, Windows and probe hosts are not judged: the Pod is refused with 501 anyway.
/// </summary>
internal static class PodSecurityChecks
{
    private static readonly string[] HostNamespaces = ["hostNetwork", "hostPID", "hostIPC"];

    private static readonly string[] AllowedVolumes =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    private static readonly string[] SafeSysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
        "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ];

    /// <summary>Why the level <c>restricted</c> refuses a Pod, in the real server's order; each reason with details in parentheses.</summary>
    public static IEnumerable<string> Restricted(JsonObject spec)
    {
        var pod = new PodView(spec);
        IEnumerable<(string Reason, string Detail)> found =
        [
            .. Any("host namespaces", string.Join(", ", HostNamespaces.Where(name => spec.Flag(name)).Select(name => $"{name}=true"))),
            .. HostPorts(pod),
            .. Any("privileged", pod.Containers(c => c.Flag("privileged"), "must not set securityContext.privileged=true")),
            .. Any("procMount", pod.Containers(c => c.Text("procMount") is not ("" or "Default"), "must not set securityContext.procMount to \"Unmasked\"")),
            .. Any("forbidden sysctls", string.Join(", ", spec.Child("securityContext").Objects("sysctls").Select(s => s.Text("name")).Where(name => !SafeSysctls.Contains(name)))),
            .. Any("allowPrivilegeEscalation != false", pod.Containers(
                c => c?["allowPrivilegeEscalation"] is null || c.Flag("allowPrivilegeEscalation"), "must set securityContext.allowPrivilegeEscalation=false")),
            .. Any("unrestricted capabilities", Capabilities(pod)),
            .. Volumes(pod),
            .. Any("runAsNonRoot != true", pod.PodOrContainers("runAsNonRoot", node => Text(node) == "false", "must not set securityContext.runAsNonRoot=false") is { Length: > 0 } forbidden
                ? forbidden
                : pod.Missing("runAsNonRoot", "must set securityContext.runAsNonRoot=true")),
            .. Any("runAsUser=0", pod.PodOrContainers("runAsUser", node => node.AsInteger() == 0, "must not set runAsUser=0")),
            .. Any("seccompProfile", pod.PodOrContainers("seccompProfile", node => (node as JsonObject).Text("type") == "Unconfined", "must not set securityContext.seccompProfile.type to \"Unconfined\"") is { Length: > 0 } bad
                ? bad
                : pod.Missing("seccompProfile", "must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"")),
        ];
        return found.Select(check => $"{check.Reason} ({check.Detail})");
    }

    private static IEnumerable<(string, string)> Any(string reason, string detail) => detail.Length == 0 ? [] : [(reason, detail)];

    private static string Capabilities(PodView pod)
    {
        var drop = pod.Containers(c => !c.Child("capabilities").Texts("drop").Contains("ALL"), "must set securityContext.capabilities.drop=[\"ALL\"]");
        var added = pod.SecurityContexts
            .Select(c => (c.Name, Bad: c.Context.Child("capabilities").Texts("add").Where(name => name != "NET_BIND_SERVICE").ToList()))
            .Where(c => c.Bad.Count > 0)
            .ToList();
        var add = added.Count == 0
            ? ""
            : $"{PodView.Named("container", added.Select(c => c.Name))} must not include {PodView.Quote(added.SelectMany(c => c.Bad).Distinct().Order(StringComparer.Ordinal))} in securityContext.capabilities.add";
        return string.Join("; ", new[] { drop, add }.Where(text => text.Length > 0));
    }

    private static IEnumerable<(string, string)> HostPorts(PodView pod)
    {
        var used = pod.AllContainers.Select(c => (Name: c.Text("name"), Ports: c.Objects("ports").Select(p => p.Integer("hostPort") ?? 0).Where(port => port != 0).ToList()))
            .Where(c => c.Ports.Count > 0).ToList();
        var ports = used.SelectMany(c => c.Ports).Distinct().Select(port => $"{port}").Order(StringComparer.Ordinal).ToList();
        return used.Count == 0
            ? []
            : [("hostPort", $"{PodView.Named("container", used.Select(c => c.Name))} {(used.Count == 1 ? "uses" : "use")} hostPort{(ports.Count == 1 ? "" : "s")} {string.Join(", ", ports)}")];
    }

    private static IEnumerable<(string, string)> Volumes(PodView pod)
    {
        var bad = pod.Volumes.Where(volume => !AllowedVolumes.Contains(volume.Type)).ToList();
        var types = bad.Select(volume => volume.Type).Distinct().Order(StringComparer.Ordinal).ToList();
        return bad.Count == 0
            ? []
            : [("restricted volume types", $"{PodView.Named("volume", bad.Select(volume => volume.Name))} {(bad.Count == 1 ? "uses" : "use")} restricted volume type{(types.Count == 1 ? "" : "s")} {PodView.Quote(types)}")];
    }

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "";
}
