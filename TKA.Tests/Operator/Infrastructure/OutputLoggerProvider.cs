using Microsoft.Extensions.Logging;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>Sends logs to a test's output.</summary>
internal sealed class OutputLoggerProvider(ITestOutputHelper output) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new OutputLogger(output, categoryName);

    public void Dispose()
    {
    }

    private sealed class OutputLogger(ITestOutputHelper output, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (category.StartsWith("TKA", StringComparison.Ordinal) ? LogLevel.Debug : LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                try
                {
                    output.WriteLine($"{logLevel} {category.Split('.')[^1]}: {formatter(state, exception)} {exception}");
                }
                catch (InvalidOperationException)
                {
                    // The test is over and something still logs.
                }
            }
        }
    }
}
