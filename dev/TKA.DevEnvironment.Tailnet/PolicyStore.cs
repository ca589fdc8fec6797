using TKA.DevEnvironment.Tailnet.Policy;

namespace TKA.DevEnvironment.Tailnet;

/// <summary>
/// The policy in force. Follows the file: a good edit takes effect at once, a broken one leaves the last good policy
/// in force and is told in the log.
/// </summary>
internal sealed partial class PolicyStore : IDisposable
{
    // Editors write in several steps (truncate and write, or write beside and rename).
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(50);

    // The interval of polling on systems that refuse a file watch.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly EmbeddedTailnetOptions _options;
    private readonly ILogger _logger;
    private readonly FileSystemWatcher? _watcher;
    private readonly ITimer _settled;
    private readonly Lock _gate = new();
    private string _text;
    private volatile TailnetView _view;
    private volatile string? _error;

    private PolicyStore(EmbeddedTailnetOptions options, string text)
    {
        _options = options;
        _logger = options.LoggerFactory.CreateLogger<PolicyStore>();
        _text = text;
        _view = new TailnetView(PolicyReader.Read(text), options);

        // The system clock is used, because a test with a stopped clock must still get the file read.
        _settled = TimeProvider.System.CreateTimer(_ => Reload(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watcher = Watch(Path.GetFullPath(options.PolicyPath));
        if (_watcher is null)
        {
            _settled.Change(PollInterval, PollInterval);
        }
    }

    /// <summary>The tailnet under the policy in force.</summary>
    public TailnetView View => _view;

    /// <summary>What is wrong with the file; null when it is in force.</summary>
    public string? Error => _error;

    public static async Task<PolicyStore> OpenAsync(EmbeddedTailnetOptions options, CancellationToken cancellationToken)
    {
        if (!File.Exists(options.PolicyPath))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.PolicyPath))!);
            await ReplaceAsync(options.PolicyPath, DefaultPolicy.Text, cancellationToken);
        }

        var text = await File.ReadAllTextAsync(options.PolicyPath, cancellationToken);
        try
        {
            return new PolicyStore(options, text);
        }
        catch (PolicyException exception)
        {
            throw new InvalidDataException($"{options.PolicyPath}: {exception.Message}", exception);
        }
    }

    public async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            var view = new TailnetView(PolicyReader.Read(text), _options);
            await ReplaceAsync(_options.PolicyPath, text, cancellationToken);
            lock (_gate)
            {
                (_text, _view, _error) = (text, view, null);
            }
        }
        catch (PolicyException exception)
        {
            throw new InvalidDataException($"{_options.PolicyPath}: {exception.Message}", exception);
        }
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        _settled.Dispose();
    }

    private static async Task ReplaceAsync(string path, string text, CancellationToken cancellationToken)
    {
        var beside = path + ".new";
        await File.WriteAllTextAsync(beside, text, cancellationToken);
        File.Move(beside, path, overwrite: true);
    }

    /// <returns>Null when the system's limit of watches (inotify instances) is reached.</returns>
    private FileSystemWatcher? Watch(string path)
    {
        var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path))
        {
            NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName | NotifyFilters.Size | NotifyFilters.CreationTime,
        };
        watcher.Changed += (_, _) => Touch();
        watcher.Created += (_, _) => Touch();
        watcher.Renamed += (_, _) => Touch();
        watcher.Error += (_, _) => Touch();
        try
        {
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (IOException exception)
        {
            LogPolling(_logger, path, exception.Message);
            watcher.Dispose();
            return null;
        }
    }

    private void Touch()
    {
        try
        {
            _settled.Change(Settle, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The watcher raised an event during the stop.
        }
    }

    private void Reload()
    {
        lock (_gate)
        {
            try
            {
                var text = File.ReadAllText(_options.PolicyPath);
                if (text == _text && _error is null)
                {
                    return;
                }

                _view = new TailnetView(PolicyReader.Read(text), _options);
                _text = text;
                _error = null;
                LogReloaded(_logger, _options.PolicyPath);
            }
            catch (PolicyException exception)
            {
                _error = $"{_options.PolicyPath}: {exception.Message}";
                LogBroken(_logger, _error);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The file is missing or locked. Its return raises another event.
                LogUnreadable(_logger, _options.PolicyPath, exception.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Policy {Path} reloaded")]
    private static partial void LogReloaded(ILogger logger, string path);

    [LoggerMessage(2, LogLevel.Error, "The policy is broken, the last good one stays in force. {Error}")]
    private static partial void LogBroken(ILogger logger, string error);

    [LoggerMessage(4, LogLevel.Warning, "Cannot watch policy {Path}, looking at it every second: {Problem}")]
    private static partial void LogPolling(ILogger logger, string path, string problem);

    [LoggerMessage(3, LogLevel.Warning, "Cannot read policy {Path}, the last good one stays in force: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string path, string problem);
}
