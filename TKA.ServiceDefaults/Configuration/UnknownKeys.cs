using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>
/// Finds keys that nothing reads. They are a hint and no error: one file may serve several programs, the Go TKA among them.
/// </summary>
internal static class UnknownKeys
{
    /// <summary>A line for each key that is probably misspelled, and one line for all others.</summary>
    /// <param name="service">The service.</param>
    /// <param name="configuration">What it is configured with.</param>
    /// <param name="fileKeys">Keys of its YAML file; elsewhere, only keys of the service's own sections can be told from foreign ones.</param>
    public static IEnumerable<string> Hints(ServiceSettings service, IConfiguration configuration, IEnumerable<string> fileKeys)
    {
        var unused = new List<string>();
        var keys = service.Sections.SelectMany(section => configuration.GetSection(section).AsEnumerable())
            .Where(pair => pair.Value is not null)
            .Select(pair => pair.Key)
            .Union(fileKeys.Where(key => !key.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase)), StringComparer.OrdinalIgnoreCase);
        foreach (var key in keys.Where(key => !service.Knows(key)).Order(StringComparer.OrdinalIgnoreCase))
        {
            var name = key.Replace(':', '.');
            if (service.Nearest(name) is { } nearest)
            {
                yield return $"{name} is not a setting. Did you mean {nearest}?";
            }
            else
            {
                unused.Add(name);
            }
        }

        if (unused.Count > 0)
        {
            yield return $"{service.Name} does not use {string.Join(", ", unused)}. See --help for what it uses.";
        }
    }
}

/// <summary>Logs the hints when the service starts.</summary>
internal sealed partial class UnknownKeysReport(IReadOnlyCollection<string> hints, ILogger<UnknownKeysReport> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var hint in hints)
        {
            LogHint(logger, hint);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "{Hint}")]
    private static partial void LogHint(ILogger logger, string hint);
}
