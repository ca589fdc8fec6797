using k8s.Models;
using TKA.Kubernetes;

namespace TKA.Operator.Sessions.Access;

/// <summary>A RoleBinding or ClusterRoleBinding of a session, seen alike.</summary>
/// <param name="Key">Name, and namespace unless cluster-wide.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="SessionUid">Uid of the TkaSignin it was made for, from its label.</param>
/// <param name="Role">ClusterRole it binds; <see langword="null"/> when it binds something else.</param>
/// <param name="Subjects">Whom it binds to.</param>
/// <param name="Resource">The object.</param>
internal sealed record SessionBinding(ObjectKey Key, string Uid, string? SessionUid, string? Role, IList<Rbacv1Subject>? Subjects, object Resource)
{
    public static SessionBinding Of(V1RoleBinding binding) => Of(binding.Metadata, binding.RoleRef, binding.Subjects, binding);

    public static SessionBinding Of(V1ClusterRoleBinding binding) => Of(binding.Metadata, binding.RoleRef, binding.Subjects, binding);

    /// <summary>Whether it gives exactly this role to exactly this ServiceAccount.</summary>
    public bool Grants(string role, ObjectKey serviceAccount) =>
        Role == role
        && Subjects is [{ Kind: "ServiceAccount" } subject]
        && subject.Name == serviceAccount.Name
        && subject.NamespaceProperty == serviceAccount.Namespace;

    private static SessionBinding Of(V1ObjectMeta metadata, V1RoleRef? role, IList<Rbacv1Subject>? subjects, object resource) => new(
        new ObjectKey(metadata.NamespaceProperty, metadata.Name),
        metadata.Uid,
        SessionLabels.SessionUidOf(metadata),
        role is { Kind: "ClusterRole" } ? role.Name : null,
        subjects,
        resource);
}
