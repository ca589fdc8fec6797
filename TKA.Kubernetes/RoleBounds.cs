namespace TKA.Kubernetes;

/// <summary>
/// Which ClusterRoles the operator binds, and which of them cluster-wide. The operator enforces it, RBAC and the admission policy
/// <c>tka-bindings</c> hold it; the API only explains it.
/// </summary>
/// <param name="Allowed">Roles that may be bound at all. Setting <c>operator.allowedRoles</c>.</param>
/// <param name="ClusterWide">Roles of <paramref name="Allowed"/> that may also be bound without namespaces. Setting <c>operator.clusterWideRoles</c>.</param>
public sealed record RoleBounds(IReadOnlyList<string> Allowed, IReadOnlyList<string> ClusterWide)
{
    /// <summary>Bounds from settings; what is not set has the default of <c>deploy/</c>.</summary>
    /// <param name="allowed">Default <c>view</c>, <c>tka-edit</c>, <c>tka-admin</c>.</param>
    /// <param name="clusterWide">Default <c>view</c>.</param>
    public static RoleBounds Of(IEnumerable<string>? allowed, IEnumerable<string>? clusterWide) =>
        new([.. allowed ?? ["view", "tka-edit", "tka-admin"]], [.. clusterWide ?? ["view"]]);

    /// <summary>Why a grant is not bound, with what to do instead; <see langword="null"/>: it is bound.</summary>
    /// <param name="role">Role of the grant.</param>
    /// <param name="namespaces">Namespaces of the grant; empty: cluster-wide.</param>
    public string? Refusal(string role, IReadOnlyCollection<string> namespaces)
    {
        ArgumentNullException.ThrowIfNull(namespaces);
        if (!Allowed.Contains(role))
        {
            var instead = role switch
            {
                "edit" => "tka-edit",
                "admin" or "cluster-admin" => "tka-admin",
                _ => null,
            };
            var grant = instead is not null && Allowed.Contains(instead) ? $"grant {instead} with \"namespaces\"" : $"grant one of {string.Join(", ", Allowed)}";
            return $"the operator does not bind role {role}. Two ways out: {grant}, or have the cluster's owner add {role} to operator.allowedRoles, which docs/operator-guide.md#roles explains.";
        }

        if (namespaces.Count == 0 && !ClusterWide.Contains(role))
        {
            return $"the operator binds role {role} only in namespaces, and this grant has none. Two ways out: add \"namespaces\" to the grant, or have the cluster's owner add {role} to operator.clusterWideRoles, which docs/operator-guide.md#roles explains.";
        }

        return null;
    }
}
