namespace TKA.Contracts.Orchestrator;

/// <summary>Names of the server-sent events of <c>GET /api/v1alpha1/clusters?watch=true</c>.</summary>
public static class ClusterEvents
{
    /// <summary>A cluster is new, or begins to match the selector.</summary>
    public const string Added = "added";

    /// <summary>A cluster is not what it was.</summary>
    public const string Modified = "modified";

    /// <summary>A cluster is gone, or ceases to match the selector.</summary>
    public const string Removed = "removed";

    /// <summary>All clusters have been sent; what a client knows beyond them is gone.</summary>
    public const string Synced = "synced";

    /// <summary>Nothing happened; the event's id is the place to resume from.</summary>
    public const string Bookmark = "bookmark";
}
