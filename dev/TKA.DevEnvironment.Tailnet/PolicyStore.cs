using TKA.DevEnvironment.Shared;
using TKA.DevEnvironment.Tailnet.Policy;

namespace TKA.DevEnvironment.Tailnet;

/// <summary>
/// The policy in force. Follows the file: a good edit takes effect at once, a broken one leaves the last good policy
/// in force and is told in the log.
/// </summary>
internal sealed partial class PolicyStore : IDisposable
{
    // The file is looked at and not watched: systems limit the number of watches, and some editors replace the file.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly EmbeddedTailnetOptions _options;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private string _text;
    private (DateTime Written, long Length) _seen;
    private (DateTime Written, long Length) _read;
    private volatile TailnetView _view;
    private volatile string? _error;

    private PolicyStore(EmbeddedTailnetOptions options, string text)
    {
        _options = options;
        _logger = options.LoggerFactory.CreateLogger<PolicyStore>();
        _text = text;
        _view = new TailnetView(PolicyReader.Read(text), options);
        // The system clock is used, because a test with a stopped clock must still get the file read.
        _timer = TimeProvider.System.CreateTimer(_ => Look(), null, Interval, Interval);
    }

    /// <summary>The commented example that a new data directory starts with.</summary>
    public static string DefaultPolicy => EmbeddedText.Read("policy.default.hujson");

    /// <summary>The tailnet under the policy in force.</summary>
    public TailnetView View => _view;

    /// <summary>What is wrong with the file; null when it is in force.</summary>
    public string? Error => _error;

    public static async Task<PolicyStore> OpenAsync(EmbeddedTailnetOptions options, CancellationToken cancellationToken)
    {
        if (!File.Exists(options.PolicyPath))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.PolicyPath))!);
            await ReplaceAsync(options.PolicyPath, DefaultPolicy, cancellationToken);
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

    public void Dispose() => _timer.Dispose();

    private static async Task ReplaceAsync(string path, string text, CancellationToken cancellationToken)
    {
        var beside = path + ".new";
        await File.WriteAllTextAsync(beside, text, cancellationToken);
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Reads the file when it has changed and has then stayed as it is for one interval: editors write in several steps.</summary>
    private void Look()
    {
        lock (_gate)
        {
            var file = new FileInfo(_options.PolicyPath);
            var now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            var settled = now == _seen;
            _seen = now;
            if (settled && now != _read && file.Exists)
            {
                _read = now;
                Reload();
            }
        }
    }

    private void Reload()
    {
        try
        {
            var text = File.ReadAllText(_options.PolicyPath);
            if (text != _text || _error is not null)
            {
                _view = new TailnetView(PolicyReader.Read(text), _options);
                (_text, _error) = (text, null);
                LogReloaded(_logger, _options.PolicyPath);
            }
        }
        catch (PolicyException exception)
        {
            _error = $"{_options.PolicyPath}: {exception.Message}";
            LogBroken(_logger, _error);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file was removed again, or is locked by its writer, who changes it once more.
            LogUnreadable(_logger, _options.PolicyPath, exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Policy {Path} reloaded")]
    private static partial void LogReloaded(ILogger logger, string path);

    [LoggerMessage(2, LogLevel.Error, "The policy is broken, the last good one stays in force. {Error}")]
    private static partial void LogBroken(ILogger logger, string error);

    [LoggerMessage(3, LogLevel.Warning, "Cannot read policy {Path}, the last good one stays in force: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string path, string problem);
}
