using TKA.Kubernetes;

namespace TKA.Api.Configuration;

/// <summary>Section <c>api</c>: rules of sessions and requests.</summary>
internal sealed class ApiOptions
{
    public const string Section = "api";

    /// <summary>Longest session, whatever the grant says.</summary>
    public TimeSpan MaxPeriod { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often the grant of every session is looked at again.</summary>
    public TimeSpan GrantRecheck { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Id of this installation of TKA, written on the sessions it starts; it neither rechecks nor ends those of another. The same for
    /// all replicas. Empty: sessions carry none.
    /// </summary>
    public string InstallationId { get; set; } = "";

    /// <summary><c>Retry-After</c> of answers that are not ready yet, in seconds.</summary>
    public int RetryAfterSeconds { get; set; } = 1;

    /// <summary>How long a request waits for a Kubernetes API that gives no sign of life before it is answered 503.</summary>
    public TimeSpan UpstreamTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a request waits for a Kubernetes API or an operator that is slow, but there.</summary>
    public TimeSpan SlowTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a login waits for the previous session to be gone.</summary>
    public TimeSpan EndingTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Requests of one person.</summary>
    public RateLimitOptions RateLimit { get; set; } = new();
}

/// <summary>Section <c>api:rateLimit</c>: a token bucket per person.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>Requests per minute in the long run; 0: no limit.</summary>
    public int PermitsPerMinute { get; set; } = 300;

    /// <summary>Requests at once.</summary>
    public int Burst { get; set; } = 100;
}

/// <summary>Section <c>operator</c>: where sessions live, how kubeconfigs name things, where tokens come from.</summary>
internal sealed class ClusterOptions
{
    public const string Section = "operator";

    /// <summary>Namespace of the sessions.</summary>
    public string Namespace { get; set; } = "tka-sessions";

    /// <summary>Name of the cluster in kubeconfigs and in the orchestrator.</summary>
    public string ClusterName { get; set; } = "tka-cluster";

    /// <summary>The operator's <c>operator.allowedRoles</c>, for what <c>tka access</c> explains; null: its default.</summary>
    public IList<string>? AllowedRoles { get; set; }

    /// <summary>The operator's <c>operator.clusterWideRoles</c>; null: its default.</summary>
    public IList<string>? ClusterWideRoles { get; set; }

    /// <summary>Start of context names.</summary>
    public string ContextPrefix { get; set; } = "tka-context-";

    /// <summary>Start of user names.</summary>
    public string UserPrefix { get; set; } = "tka-user-";

    /// <summary>The token service.</summary>
    public TokenClientOptions TokenService { get; set; } = new();

    /// <summary>What the operator binds.</summary>
    public RoleBounds Roles => RoleBounds.Of(AllowedRoles, ClusterWideRoles);
}

/// <summary>Section <c>operator:tokenService</c>.</summary>
internal sealed class TokenClientOptions
{
    /// <summary>Base URL.</summary>
    public string Url { get; set; } = "https://tka-operator.tka-system.svc:8443";

    /// <summary>PEM bundle its certificate is checked against.</summary>
    public string CaFile { get; set; } = "/var/run/tka/operator-ca/ca.crt";

    /// <summary>The API's own token for it.</summary>
    public string TokenFile { get; set; } = "/var/run/secrets/tka/token";

    /// <summary>Longest wait for an answer.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1.5);
}
