namespace TKA.Orchestrator.Registry;

/// <summary>Values of <c>status</c>.</summary>
internal static class ClusterStatus
{
    public const string Ready = "ready";
    public const string Stale = "stale";
}

/// <summary>Values of <c>source</c>.</summary>
internal static class ClusterSource
{
    public const string Registered = "registered";
    public const string Tailnet = "tailnet";
}
