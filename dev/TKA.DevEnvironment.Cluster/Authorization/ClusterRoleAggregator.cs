using TKA.DevEnvironment.Cluster.Controllers;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Keeps the rules of aggregated ClusterRoles equal to those of the roles they select.</summary>
internal sealed class ClusterRoleAggregator(
    ObjectStore store, ResourceRegistry registry, ControllerWrites writes, TimeProvider time, ILogger<ClusterRoleAggregator> logger)
    : Controller<GroupResource>(time, logger)
{
    private static readonly GroupResource ClusterRoles = new(RbacPolicy.Group, "clusterroles");

    public override void Observe(GroupResource resource, ObjectEvent change)
    {
        if (resource == ClusterRoles)
        {
            Enqueue(ClusterRoles);
        }
    }

    protected override void Reconcile(GroupResource key)
    {
        var roles = store.List(RbacPolicy.Group, "clusterroles");
        var definition = registry.FindStored(ClusterRoles)!;
        foreach (var role in roles)
        {
            // A change of a role raises an event, which updates the roles that aggregate it.
            if (ClusterRoleAggregation.Outdated(role, roles) is { } rules)
            {
                writes.Update(definition, "", role.Name(), current => current["rules"] = rules.DeepClone());
            }
        }
    }
}
