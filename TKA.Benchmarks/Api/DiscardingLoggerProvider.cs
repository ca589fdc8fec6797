using Microsoft.Extensions.Logging;

namespace TKA.Benchmarks.Api;

/// <summary>Formats every line that production would write (Information and above) and discards it.</summary>
internal sealed class DiscardingLoggerProvider : ILoggerProvider, ILogger
{
    /// <summary>Characters formatted so far; keeps the formatting from being optimized away.</summary>
    public long Characters { get; private set; }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Characters += formatter(state, exception).Length;

    public void Dispose()
    {
    }
}
