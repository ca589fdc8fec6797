using TKA.Contracts.Sessions;
using TKA.Kubernetes;

namespace TKA.Operator.Options;

/// <summary>What the operator looks after and within which bounds. Configuration section <c>operator</c>.</summary>
public sealed class OperatorOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "operator";

    /// <summary>Namespace of TkaSignins and their ServiceAccounts. Default <c>tka-sessions</c>.</summary>
    public string Namespace { get; set; } = TkaSigninResource.DefaultSessionsNamespace;

    /// <summary>Namespace of TKA's workloads: leader lease, certificate. Default <c>tka-system</c>.</summary>
    public string SystemNamespace { get; set; } = TkaSigninResource.DefaultSystemNamespace;

    /// <summary>
    /// ClusterRoles that may be bound, and nothing else, whatever a grant says. Keep equal to the <c>bind</c> rule of the
    /// operator's ClusterRole and to the admission policy <c>tka-bindings</c>. Default <c>view</c>, <c>tka-edit</c>, <c>tka-admin</c>;
    /// <c>edit</c>, <c>admin</c>, <c>cluster-admin</c> only if named here.
    /// </summary>
    public IList<string>? AllowedRoles { get; set; }

    /// <summary>Those of <see cref="AllowedRoles"/> that may also be bound cluster-wide. Default <c>view</c>.</summary>
    public IList<string>? ClusterWideRoles { get; set; }

    /// <summary>
    /// Longest session; longer ones are refused. A second line behind <c>api:maxPeriod</c>, in case the API is
    /// compromised or misconfigured; the admission policy <c>tka-signins</c> holds the same bound. Default <c>24h</c>.
    /// </summary>
    public TimeSpan MaxPeriod { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Sessions worked on at the same time, which also bounds concurrent writes to the API server. Default 10.</summary>
    public int Workers { get; set; } = 10;

    /// <summary>Whether Events are written on TkaSignins. They are written behind, and never hold up a session. Default true.</summary>
    public bool Events { get; set; } = true;

    /// <summary>Whether several replicas agree on one that reconciles, by a Lease. Default true.</summary>
    public bool LeaderElection { get; set; } = true;

    /// <summary>How long a stopping operator may finish what is under way. Default 5 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    internal RoleBounds Roles => RoleBounds.Of(AllowedRoles, ClusterWideRoles);
}
