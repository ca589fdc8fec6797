using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace TKA.Benchmarks.Soak;

/// <summary>API or operator in a process of its own, as deployed: its memory is its own, and it can be killed.</summary>
internal sealed class Component : IAsyncDisposable
{
    private readonly string _directory;
    private readonly Dictionary<string, string?> _settings;
    private readonly SemaphoreSlim _asking = new(1);
    private Process? _process;

    private Component(string kind, string directory, Dictionary<string, string?> settings) => (Kind, _directory, _settings) = (kind, directory, settings);

    /// <summary><see cref="ComponentHost.Api"/> or <see cref="ComponentHost.Operator"/>.</summary>
    public string Kind { get; }

    /// <summary>Base address.</summary>
    public Uri Uri { get; private set; } = null!;

    /// <summary>Lines of warnings and errors, of every process it has been.</summary>
    public string LogPath => Path.Combine(_directory, $"{Kind}.log");

    public static async Task<Component> StartAsync(string kind, string directory, Dictionary<string, string?> settings)
    {
        var component = new Component(kind, directory, settings);
        await component.StartAsync();
        return component;
    }

    /// <summary>Starts it (again), at the address it had.</summary>
    public async Task StartAsync()
    {
        var path = Path.Combine(_directory, $"{Kind}.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(_settings));
        var self = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Component).Assembly.Location] : Array.Empty<string>();
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. self, Kind, path, LogPath])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,

            // One Pod: it takes its own lease over when it comes back.
            Environment = { ["POD_NAME"] = Kind },
        })!;
        var line = await process.StandardOutput.ReadLineAsync();
        Uri = Uri.TryCreate(line, UriKind.Absolute, out var uri) ? uri : throw new InvalidOperationException($"{Kind} did not start: {line}; see {LogPath}");
        _settings[ComponentHost.PortOf(Kind)] = Uri.Port.ToString(CultureInfo.InvariantCulture);
        _process = process;
    }

    /// <summary>Bytes of living objects after a full collection, and of the process; <see langword="null"/> while it is being replaced.</summary>
    public async Task<(long Living, long Resident)?> MemoryAsync()
    {
        await _asking.WaitAsync();
        try
        {
            if (_process is not { } process)
            {
                return null;
            }

            await process.StandardInput.WriteLineAsync(ComponentHost.Memory);
            var answer = (await process.StandardOutput.ReadLineAsync())!.Split(' ');
            return (long.Parse(answer[0], CultureInfo.InvariantCulture), long.Parse(answer[1], CultureInfo.InvariantCulture));
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Ends it as SIGKILL does.</summary>
    public async Task KillAsync()
    {
        await _asking.WaitAsync();
        try
        {
            _process!.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            _process = null;
        }
        finally
        {
            _asking.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _asking.Dispose();
    }
}
