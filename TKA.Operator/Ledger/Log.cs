namespace TKA.Operator.Ledger;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The ledger cannot be written; {Pending} sessions wait, again in {Delay}. Sessions are not affected. {Error}")]
    public static partial void WriteFailed(ILogger logger, int pending, TimeSpan delay, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopping with pending ledger entries of {Pending} sessions.")]
    public static partial void FlushFailed(ILogger logger, int pending);

    [LoggerMessage(Level = LogLevel.Warning, Message = "ConfigMap {Name} cannot be used: pending ledger entries are lost if the operator dies before Dapr is back. {Error}")]
    public static partial void OutboxFailed(ILogger logger, string name, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Entries of {Dropped} sessions do not fit into the ledger's outbox.")]
    public static partial void OutboxFull(ILogger logger, int dropped);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ledger's outbox is unreadable and will be overwritten. {Error}")]
    public static partial void OutboxUnreadable(ILogger logger, string error);
}
