namespace TKA.Contracts.Rest;

/// <summary>Paths and headers of the REST API (<c>docs/rest-api.md</c>).</summary>
public static class ApiRoutes
{
    /// <summary>Base path of the API server.</summary>
    public const string ApiBase = "/api/v1alpha1";

    /// <summary>Base path of the orchestrator.</summary>
    public const string OrchestratorBase = "/orchestrator/v1alpha1";

    /// <summary>Sign in (POST) and ask how far it is (GET).</summary>
    public const string Login = ApiBase + "/login";

    /// <summary>Sign out.</summary>
    public const string Logout = ApiBase + "/logout";

    /// <summary>Kubeconfig of the session.</summary>
    public const string Kubeconfig = ApiBase + "/kubeconfig";

    /// <summary>ExecCredential of the session.</summary>
    public const string Token = ApiBase + "/token";

    /// <summary>How to reach the cluster.</summary>
    public const string ClusterInfo = ApiBase + "/cluster-info";

    /// <summary>What the caller may ask for, creating nothing.</summary>
    public const string Access = ApiBase + "/access";

    /// <summary>Everybody's sessions, for admins.</summary>
    public const string Sessions = ApiBase + "/sessions";

    /// <summary>Clusters known to the orchestrator.</summary>
    public const string Clusters = OrchestratorBase + "/clusters";

    /// <summary>Query parameter of login status, kubeconfig, token and logout: the role of the session meant; absent: the base session.</summary>
    public const string RoleParameter = "role";

    /// <summary>Query parameter of login status and logout: <c>true</c> means all sessions of the caller. Not together with <see cref="RoleParameter"/>.</summary>
    public const string AllParameter = "all";

    /// <summary>Most sessions of one person at a time, the base session included; one more is answered 409.</summary>
    public const int MaxSessionsPerPerson = 8;

    /// <summary>Longest wait, in seconds, of <c>Prefer: wait=N</c> (RFC 7240).</summary>
    public const int MaxWaitSeconds = 30;

    /// <summary>A path for the caller's session of one role; the path itself when <paramref name="role"/> is null or empty (the base session).</summary>
    public static string ForRole(string path, string? role) =>
        string.IsNullOrEmpty(role) ? path : $"{path}?{RoleParameter}={Uri.EscapeDataString(role)}";

    /// <summary>A path for all sessions of the caller, answered with <see cref="OwnSessionList"/>.</summary>
    public static string ForAll(string path) => $"{path}?{AllParameter}=true";
}
