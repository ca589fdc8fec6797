namespace TKA.DevEnvironment.Stack;

/// <summary>One line per message on stderr, with the component it comes from. Keeps the box readable: only warnings unless asked.</summary>
internal sealed class ConsoleLog(string component, LogLevel minimum) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Category(component, categoryName, minimum);

    public void Dispose()
    {
    }

    private sealed class Category(string component, string name, LogLevel minimum) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel is not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel) || IsAbandonedCall(exception))
            {
                return;
            }

            var cause = exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")})";
            var source = name[(name.LastIndexOf('.') + 1)..];
            Console.Error.WriteLine($"{component,-12} {Word(logLevel)} {source}: {formatter(state, exception).ReplaceLineEndings(" ")}{cause}");
        }

        /// <summary>Grpc.AspNetCore logs a call whose client went away, such as a service that stops in the middle of it, as an error of the method.</summary>
        private bool IsAbandonedCall(Exception? exception) =>
            exception is IOException && name.StartsWith("Grpc.AspNetCore.Server.", StringComparison.Ordinal);

        private static string Word(LogLevel level) => level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
    }
}
