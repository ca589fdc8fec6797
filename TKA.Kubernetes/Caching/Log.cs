using Microsoft.Extensions.Logging;

namespace TKA.Kubernetes.Caching;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Listed {Count} {Resource} at version {ResourceVersion}.")]
    public static partial void Listed(ILogger logger, string resource, int count, string resourceVersion);

    [LoggerMessage(Level = LogLevel.Information, Message = "The watch on {Resource} was silent for {Limit}; opening it again.")]
    public static partial void WatchSilent(ILogger logger, string resource, TimeSpan limit);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The server no longer has version {ResourceVersion} of {Resource}; listing again.")]
    public static partial void ListingAgain(ILogger logger, string resource, string? resourceVersion);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Watching {Resource} failed; trying again in {Delay}. {Error}")]
    public static partial void Failed(ILogger logger, string resource, TimeSpan delay, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cluster's state was restored to an earlier one: {Resource} are taken as they are now, at version {ResourceVersion}.")]
    public static partial void Restored(ILogger logger, string resource, string resourceVersion);
}
