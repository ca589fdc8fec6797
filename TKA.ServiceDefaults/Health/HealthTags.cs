namespace TKA.ServiceDefaults.Health;

/// <summary>Tags that say which probe a health check belongs to. A check without one shows in <c>/healthz</c> only.</summary>
public static class HealthTags
{
    /// <summary>The process cannot recover by itself: restart it. Never for the failure of something the service depends on.</summary>
    public const string Live = "live";

    /// <summary>The service cannot do its work now: send no traffic. Report <c>Degraded</c> for what it can do without.</summary>
    public const string Ready = "ready";
}
