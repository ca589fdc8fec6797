using System.Diagnostics;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>helm, kubectl and promtool, from the path or from where <c>.ci/run</c> puts them.</summary>
internal static class Tool
{
    /// <summary>Runs a tool in the repository; the test is skipped where the tool is not installed.</summary>
    /// <returns>Exit code, standard output and standard error.</returns>
    public static async Task<(int ExitCode, string Output, string Error)> TryAsync(string tool, params IEnumerable<string> arguments)
    {
        var path = Find(tool);
        Assert.SkipWhen(path is null, $"{tool} is not installed");
        var start = new ProcessStartInfo(path!, arguments)
        {
            WorkingDirectory = DeployFiles.RepositoryRoot,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs a tool that must succeed.</summary>
    public static async Task<string> RunAsync(string tool, params IEnumerable<string> arguments)
    {
        var (exitCode, output, error) = await TryAsync(tool, arguments);
        Assert.True(exitCode == 0, $"{tool} {string.Join(' ', arguments)}: exit {exitCode}\n{error}\n{output}");
        return output;
    }

    /// <summary>Path of a tool; null where it is not installed.</summary>
    public static string? Find(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Append(Path.Combine(DeployFiles.RepositoryRoot, "artifacts", "ci-tools", "bin"))
            .Where(directory => directory.Length > 0)
            .Select(directory => Path.Combine(directory, tool))
            .FirstOrDefault(File.Exists);
}
