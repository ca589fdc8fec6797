using Microsoft.Extensions.Logging;

namespace TKA.Benchmarks.Soak;

/// <summary>Formats every line that production would write (Information and above), and keeps warnings and errors in a file.</summary>
internal sealed class WarningLog(string path) : ILoggerProvider, IAsyncDisposable
{
    private readonly StreamWriter _file = new(path, append: true) { AutoFlush = true };
    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Write(string line)
    {
        lock (_lock)
        {
            if (_file.BaseStream?.CanWrite == true)
            {
                _file.WriteLine(line.ReplaceLineEndings(" "));
            }
        }
    }

    private sealed class Category(WarningLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            if (logLevel >= LogLevel.Warning)
            {
                log.Write($"{logLevel} {name}: {text} {exception}");
            }
        }
    }
}
