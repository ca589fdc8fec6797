namespace TKA.Operator.Runtime.Controllers;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "{Key} was changed by somebody else meanwhile; looking again. {Error}")]
    public static partial void Conflict(ILogger logger, string key, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Kubernetes API asks to wait; pausing for {Pause}.")]
    public static partial void Throttled(ILogger logger, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A pass over {Key} failed; again in {Delay}. {Error}")]
    public static partial void Failed(ILogger logger, string key, TimeSpan delay, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "A pass over {Key} crashed; again in {Delay}.")]
    public static partial void Crashed(ILogger logger, Exception exception, string key, TimeSpan delay);
}
