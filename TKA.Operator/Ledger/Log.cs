namespace TKA.Operator.Ledger;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The ledger cannot be written; {Pending} sessions wait, again in {Delay}. Sessions are not affected. {Error}")]
    public static partial void WriteFailed(ILogger logger, int pending, TimeSpan delay, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopping with news of {Pending} sessions not in the ledger.")]
    public static partial void FlushFailed(ILogger logger, int pending);
}
