using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Sessions;

namespace TKA.Operator.Sessions.Access;

/// <summary>What a session's objects should look like.</summary>
internal static class AccessObjects
{
    public static V1ServiceAccount ServiceAccount(TkaSignin signin) => new()
    {
        Metadata = Metadata(signin, signin.Metadata.Name, signin.Metadata.NamespaceProperty),
        AutomountServiceAccountToken = false,
    };

    public static V1ClusterRoleBinding ClusterRoleBinding(TkaSignin signin) => new()
    {
        Metadata = Metadata(signin, BindingName(signin), null),
        RoleRef = RoleRef(signin.Spec.Role),
        Subjects = Subjects(signin),
    };

    public static V1RoleBinding RoleBinding(TkaSignin signin, string ns) => new()
    {
        Metadata = Metadata(signin, BindingName(signin), ns),
        RoleRef = RoleRef(signin.Spec.Role),
        Subjects = Subjects(signin),
    };

    /// <summary>Where the session's bindings belong.</summary>
    public static IEnumerable<ObjectKey> BindingKeys(TkaSignin signin)
    {
        var name = BindingName(signin);
        return signin.Namespaces() is { Count: > 0 } namespaces
            ? namespaces.Distinct(StringComparer.Ordinal).Select(ns => new ObjectKey(ns, name))
            : [new ObjectKey(null, name)];
    }

    private static string BindingName(TkaSignin signin) =>
        SessionNames.ForBinding(signin.Metadata.NamespaceProperty, signin.Metadata.Name, signin.Spec.Role);

    public static bool IsOwnedBy(V1ObjectMeta metadata, TkaSignin signin) =>
        SessionLabels.SessionUidOf(metadata) == signin.Metadata.Uid
        || metadata.OwnerReferences?.Any(owner => owner.Uid == signin.Metadata.Uid) == true;

    private static V1ObjectMeta Metadata(TkaSignin signin, string name, string? ns) => new()
    {
        Name = name,
        NamespaceProperty = ns,
        Labels = SessionLabels.For(signin),
        Annotations = new Dictionary<string, string> { [TkaAnnotations.Username] = signin.Spec.Username },

        // An owner must be in the same namespace: the garbage collector deletes an object whose owner it cannot find there.
        OwnerReferences = ns == signin.Metadata.NamespaceProperty ? [Owner(signin)] : null,
    };

    private static V1OwnerReference Owner(TkaSignin signin) => new()
    {
        ApiVersion = TkaSigninResource.ApiVersion,
        Kind = TkaSigninResource.Kind,
        Name = signin.Metadata.Name,
        Uid = signin.Metadata.Uid,
        Controller = true,
        BlockOwnerDeletion = false,
    };

    private static V1RoleRef RoleRef(string role) => new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = role };

    private static List<Rbacv1Subject> Subjects(TkaSignin signin) =>
    [
        new() { Kind = "ServiceAccount", Name = signin.Metadata.Name, NamespaceProperty = signin.Metadata.NamespaceProperty },
    ];
}
