using TKA.DevEnvironment.Shared;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>The roles and bindings that every cluster starts with, from <c>bootstrap.yaml</c>.</summary>
internal static class BootstrapPolicy
{
    /// <summary>ClusterRoles and ClusterRoleBindings to store at start, aggregated roles already filled.</summary>
    public static IReadOnlyList<JsonObject> Objects()
    {
        var objects = YamlJson.ParseAll(EmbeddedText.Read("bootstrap.yaml")).Cast<JsonObject>().ToList();
        foreach (var metadata in objects.Select(item => item.ChildOrNew("metadata")))
        {
            metadata.ChildOrNew("labels")["kubernetes.io/bootstrapping"] = "rbac-defaults";
            metadata["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" };
        }

        var roles = objects.Where(item => item.Text("kind") == "ClusterRole").ToList();
        // In this order each aggregated role is complete before the next one takes its rules.
        foreach (var name in (ReadOnlySpan<string>)["view", "edit", "admin"])
        {
            var role = roles.Single(candidate => candidate.Name() == name);
            role["rules"] = ClusterRoleAggregation.Outdated(role, roles);
        }

        return objects;
    }
}
