using k8s.Models;

namespace TKA.Tests.Deploy;

/// <summary>What a rule of a role would let a session do that outlives the session or reaches beyond its role.</summary>
internal static class RoleDangers
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private static readonly string[] Reads = ["get", "list", "watch"];

    // Who may write one of these starts Pods.
    private static readonly string[] PodMakers =
        ["pods", "podtemplates", "replicationcontrollers", "deployments", "daemonsets", "statefulsets", "replicasets", "jobs", "cronjobs"];

    // The API server opens these for a GET as well as for a POST.
    private static readonly string[] IntoPods = ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "pods/ephemeralcontainers", "services/proxy"];

    /// <summary>Dangers of a rule wherever its role is bound.</summary>
    public static IEnumerable<string> Anywhere(V1PolicyRule rule)
    {
        // Constrained impersonation (KEP-5284) has verbs like impersonate:serviceaccount and impersonate-on:user-info:list.
        foreach (var verb in rule.Verbs.Where(verb => verb is "*" or "bind" or "escalate" || verb.StartsWith("impersonate", StringComparison.Ordinal)))
        {
            yield return $"verb {verb}";
        }

        var resources = rule.Resources ?? [];
        if (Writes(rule) && Covers(rule.ApiGroups, "") && resources.Any(resource => resource is "*" or "*/*" or "*/token" or "serviceaccounts/token"))
        {
            yield return "issues ServiceAccount tokens";
        }

        foreach (var group in new[] { Rbac, "admissionregistration.k8s.io", "certificates.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "tka.specht-labs.de" })
        {
            if (Writes(rule) && Covers(rule.ApiGroups, group))
            {
                yield return $"writes {group}";
            }
        }

        if (Covers(rule.ApiGroups, "") && (resources.Any(resource => resource.StartsWith("nodes/", StringComparison.Ordinal)) || (Writes(rule) && resources.Any(resource => resource is "*" or "namespaces" or "nodes"))))
        {
            yield return "reaches Nodes or writes Namespaces";
        }
    }

    /// <summary>Further dangers of a rule whose role is bound cluster-wide.</summary>
    public static IEnumerable<string> ClusterWide(V1PolicyRule rule)
    {
        var resources = rule.Resources ?? [];
        if (Covers(rule.ApiGroups, "") && resources.Any(resource => resource is "*" or "secrets"))
        {
            yield return "reads or writes Secrets";
        }

        if (Writes(rule) && resources.Any(resource => resource is "*" || PodMakers.Contains(resource)))
        {
            yield return "starts Pods";
        }

        if (resources.Any(resource => resource is "*" or "*/*" || IntoPods.Contains(resource)))
        {
            yield return "reaches into Pods";
        }
    }

    private static bool Writes(V1PolicyRule rule) => rule.Verbs.Except(Reads).Any();

    private static bool Covers(IList<string>? groups, string group) => groups is not null && (groups.Contains(group) || groups.Contains("*"));
}
