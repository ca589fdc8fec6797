using System.Net;

namespace TKA.DevEnvironment.Cluster;

/// <summary>How to start an <see cref="EmbeddedCluster"/>.</summary>
public sealed record EmbeddedClusterOptions
{
    /// <summary>Loopback address to listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port; 0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>Clock of creation times, token expiry, bookmarks and watch timeouts.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// How many recent events of each resource are kept for watches and lists at older resource versions. Beyond it they answer 410
    /// Gone, as a real cluster does after compaction.
    /// </summary>
    public int WatchHistory { get; init; } = 8192;

    /// <summary>How often a watch without events that allows bookmarks gets one.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Adds log providers; without it, the cluster logs nothing.</summary>
    public Action<ILoggingBuilder>? ConfigureLogging { get; init; }
}
