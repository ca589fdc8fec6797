using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace TKA.Tests.Cli;

/// <summary>A home directory of its own, and runs of the native binary in it.</summary>
internal sealed class CliHome : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public CliHome()
    {
        Path = Directory.CreateTempSubdirectory("tka-cli-").FullName;
        Environment["HOME"] = Path;
        Environment["PATH"] = $"{System.IO.Path.GetDirectoryName(CliBinary.Path)}:{System.Environment.GetEnvironmentVariable("PATH")}";
        Environment["TZ"] = "UTC";
        Environment["LANG"] = "C.UTF-8";
        Environment["SHELL"] = "/bin/bash";
    }

    public string Path { get; }

    /// <summary>The whole environment of runs: nothing of the test process leaks in.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public string Write(string relative, string content)
    {
        var path = File(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Permissions of a file as octal digits, for example <c>600</c>.</summary>
    public static string Mode(string path) =>
        OperatingSystem.IsWindows() ? "" : Convert.ToString((int)System.IO.File.GetUnixFileMode(path), 8);

    public void Dispose()
    {
        // A shell's helper may write its history in the moment of the deletion; the next attempt finds the new file as well.
        for (var attempt = 1; Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (attempt < 20)
            {
            }
        }
    }

    public Task<CliResult> RunAsync(params string[] args) => RunProgramAsync(CliBinary.Path, args);

    public async Task<CliResult> RunProgramAsync(string program, IReadOnlyList<string> args, string? input = null, string? workingDirectory = null)
    {
        using var process = Start(program, args, workingDirectory);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', args)} did not end.\n{await output}{await error}");
        }

        return new CliResult(process.ExitCode, await output, await error);
    }

    public Process Start(string program, IReadOnlyList<string> args, string? workingDirectory = null)
    {
        // A test run in the background (nohup, a CI runner) ignores these signals, and so would all it starts.
        string[] command = OperatingSystem.IsLinux() ? ["/usr/bin/env", "--default-signal=HUP,INT,QUIT", program] : [program];
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = workingDirectory ?? Path,
        };
        foreach (var arg in command.Skip(1).Concat(args))
        {
            start.ArgumentList.Add(arg);
        }

        start.Environment.Clear();
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}

/// <summary>How a run ended.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Standard error as JSON.</summary>
    public JsonElement ErrorJson => JsonDocument.Parse(Error).RootElement;

    public override string ToString() => $"exit {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
}
