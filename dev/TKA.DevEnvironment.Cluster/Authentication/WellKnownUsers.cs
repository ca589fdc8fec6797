using System.Collections.ObjectModel;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>User and group names that Kubernetes reserves.</summary>
internal static class WellKnownUsers
{
    public const string Anonymous = "system:anonymous";
    public const string ServiceAccountPrefix = "system:serviceaccount:";
    public const string AuthenticatedGroup = "system:authenticated";
    public const string UnauthenticatedGroup = "system:unauthenticated";
    public const string MastersGroup = "system:masters";
    public const string ServiceAccountsGroup = "system:serviceaccounts";

    /// <summary>Key of the extra that identifies the credential (<c>JTI=&lt;jti&gt;</c>).</summary>
    public const string CredentialIdKey = "authentication.kubernetes.io/credential-id";

    /// <summary>No extra attributes.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoExtra = ReadOnlyDictionary<string, IReadOnlyList<string>>.Empty;

    /// <summary>The user of a request without a credential.</summary>
    public static readonly UserInfo AnonymousUser = new(Anonymous, "", [UnauthenticatedGroup], NoExtra);

    /// <summary>The administrator, who holds every right.</summary>
    public static readonly UserInfo Admin = new("kubernetes-admin", "", [MastersGroup, AuthenticatedGroup], NoExtra);

    /// <summary>Groups of every ServiceAccount of a namespace.</summary>
    public static IReadOnlyList<string> ServiceAccountGroups(string @namespace) =>
        [ServiceAccountsGroup, $"{ServiceAccountsGroup}:{@namespace}", AuthenticatedGroup];
}
