using System.Diagnostics;
using System.Text;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Stack;

/// <summary>The one-process stack, as <c>dotnet run</c> would start it, in a directory of its own.</summary>
internal sealed class StackProcess : IAsyncDisposable
{
    /// <summary>Only a failure waits for it, and the machine may be ten times slower than usual.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tka-stack-");
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Process _process;

    private StackProcess(IEnumerable<string> arguments, string? data)
    {
        Data = data ?? Path.Combine(_directory.FullName, "data");
        var start = new ProcessStartInfo("dotnet", [Assembly, "--data", Data, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _directory.FullName,
        };
        // As a launch profile sets it: must not move any port.
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:1";
        start.Environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static string Assembly { get; } = Path.Combine(
        DeployFiles.RepositoryRoot, "dev", "TKA.DevStack", "bin", Configuration, Framework, "TKA.DevStack.dll");

    public string Data { get; }

    public string EnvFile => Path.Combine(Data, "env");

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    public int ProcessId => _process.Id;

    private static string Framework => new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Name;

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;

    /// <summary>Starts it.</summary>
    public static StackProcess Start(string? data = null, params IEnumerable<string> arguments) => new(arguments, data);

    /// <summary>Waits for the env file and reads it.</summary>
    public async Task<IReadOnlyDictionary<string, string>> WaitForEnvAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Data);
        using var watcher = new FileSystemWatcher(Data) { EnableRaisingEvents = true };
        var appeared = new TaskCompletionSource();
        watcher.Renamed += (_, change) => TryComplete(change.Name);
        watcher.Created += (_, change) => TryComplete(change.Name);
        if (File.Exists(EnvFile))
        {
            appeared.TrySetResult();
        }

        var first = await Task.WhenAny(appeared.Task, _process.WaitForExitAsync(cancellationToken)).WaitAsync(Deadline, cancellationToken);
        Assert.True(first == appeared.Task, $"the stack ended with {(_process.HasExited ? _process.ExitCode : 0)}: {Errors}{Output}");
        return (await File.ReadAllLinesAsync(EnvFile, cancellationToken))
            .Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);

        void TryComplete(string? name)
        {
            if (name == "env")
            {
                appeared.TrySetResult();
            }
        }
    }

    /// <summary>Waits until a text was printed.</summary>
    public async Task WaitForOutputAsync(string text, CancellationToken cancellationToken)
    {
        var printed = new TaskCompletionSource();
        _process.OutputDataReceived += (_, _) => Check();
        Check();
        await printed.Task.WaitAsync(Deadline, cancellationToken);

        void Check()
        {
            if (Output.Contains(text, StringComparison.Ordinal))
            {
                printed.TrySetResult();
            }
        }
    }

    /// <summary>Sends SIGTERM, as a service manager does.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(Deadline, cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            if (line is not null)
            {
                text.AppendLine(line);
            }
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
