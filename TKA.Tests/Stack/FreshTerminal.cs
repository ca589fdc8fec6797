using System.Diagnostics;
using TKA.Tests.Cli;

namespace TKA.Tests.Stack;

/// <summary>A shell that knows nothing of the stack, as a person opens it beside the one where the stack runs.</summary>
internal static class FreshTerminal
{
    /// <summary>The lines of the ready box to type next.</summary>
    public static string NextCommandsOf(string output) => string.Join('\n', output.Split('\n')
        .SkipWhile(line => !line.Contains("In another terminal:", StringComparison.Ordinal))
        .Skip(1)
        .TakeWhile(line => line.StartsWith('│'))
        .Select(line => line.Trim('│').Trim()));

    /// <summary>Types lines, in an empty home directory and with <c>tka</c> and <c>kubectl</c> on PATH.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> TypeAsync(string lines, CancellationToken cancellationToken)
    {
        var home = Directory.CreateTempSubdirectory("tka-home-");
        var start = new ProcessStartInfo("bash", ["-e", "-c", lines])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.FullName,
        };
        start.Environment.Clear();
        start.Environment["HOME"] = home.FullName;
        start.Environment["PATH"] = $"{Path.GetDirectoryName(CliBinary.Path)}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        home.Delete(recursive: true);
        return (process.ExitCode, await output, error);
    }
}
