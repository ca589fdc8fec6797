namespace TKA.Orchestrator.Telemetry;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Cluster {Cluster} registered by {Principal} on node {NodeId}")]
    public static partial void Registered(ILogger logger, string cluster, string principal, string nodeId);

    [LoggerMessage(2, LogLevel.Information, "Cluster {Cluster} removed by {Principal} on node {NodeId}")]
    public static partial void Removed(ILogger logger, string cluster, string principal, string nodeId);

    [LoggerMessage(3, LogLevel.Warning, "{Principal} on node {NodeId} asked for the name of cluster {Cluster}, which another installation holds: {Holder}")]
    public static partial void NotOwner(ILogger logger, string principal, string nodeId, string cluster, string holder);

    [LoggerMessage(4, LogLevel.Warning, "Cannot look for clusters on the tailnet: {Problem}")]
    public static partial void DiscoveryFailed(ILogger logger, string problem);

    [LoggerMessage(5, LogLevel.Warning, "{Problem}")]
    public static partial void StateUnavailable(ILogger logger, string problem);

    [LoggerMessage(6, LogLevel.Error, "Unexpected failure")]
    public static partial void Unexpected(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Information, "{Node} serves no cluster: {Problem}")]
    public static partial void NoCluster(ILogger logger, string node, string problem);
}
