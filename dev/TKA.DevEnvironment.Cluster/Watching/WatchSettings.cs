namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Timing of watches.</summary>
internal sealed record WatchSettings(TimeProvider Time)
{
    /// <summary>How often a watch without events gets a bookmark.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long before its end a watch gets its last bookmark.</summary>
    public TimeSpan BookmarkBeforeEnd { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Length of a watch that names none: 30 to 60 minutes, spread so that clients do not all reconnect at once.</summary>
    public TimeSpan DefaultTimeout() => TimeSpan.FromMinutes(30 * (1 + Random.Shared.NextDouble()));
}
