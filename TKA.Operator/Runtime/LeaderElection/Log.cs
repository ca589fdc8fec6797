namespace TKA.Operator.Runtime.LeaderElection;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity} leads.")]
    public static partial void BecameLeader(ILogger logger, string identity);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Identity} no longer leads.")]
    public static partial void LostLeadership(ILogger logger, string identity);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leader lease could not be renewed or taken. {Error}")]
    public static partial void LeaseFailed(ILogger logger, string error);
}
