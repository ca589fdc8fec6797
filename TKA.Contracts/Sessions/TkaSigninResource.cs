namespace TKA.Contracts.Sessions;

/// <summary>Names of the TkaSignin custom resource and of what TKA writes on objects. They are API: changing one breaks existing clusters.</summary>
public static class TkaSigninResource
{
    /// <summary>API group.</summary>
    public const string Group = "tka.specht-labs.de";

    /// <summary>API version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Group and version as in <c>apiVersion</c>.</summary>
    public const string ApiVersion = $"{Group}/{Version}";

    /// <summary>Kind.</summary>
    public const string Kind = "TkaSignin";

    /// <summary>Plural resource name, as in URLs and RBAC rules.</summary>
    public const string Plural = "tkasignins";

    /// <summary>Finalizer that keeps a TkaSignin until its rights are gone.</summary>
    public const string Finalizer = $"{Group}/session";

    /// <summary>Default namespace of sessions, apart from TKA's own workloads.</summary>
    public const string DefaultSessionsNamespace = "tka-sessions";

    /// <summary>Default namespace of TKA's own workloads.</summary>
    public const string DefaultSystemNamespace = "tka-system";

    /// <summary>Shortest session, and Kubernetes' shortest token (TokenRequest refuses fewer than 600 seconds).</summary>
    public static readonly TimeSpan MinimumPeriod = TimeSpan.FromMinutes(10);
}
