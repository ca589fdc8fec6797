using System.Diagnostics;

namespace TKA.Tests.Cli;

/// <summary>
/// The published native binary. Published once per change of its sources, under a lock, so that parallel test runs share it;
/// <c>TKA_CLI_BINARY</c> names another one to test.
/// </summary>
internal static class CliBinary
{
    private static readonly Lazy<string> Located = new(Locate);

    public static string Path => Located.Value;

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Begins to publish it, if it has to be, without waiting. A failure is told by the first test that asks for the <see cref="Path"/>.</summary>
    public static void Prepare() => _ = Task.Run(static () => Path);

    private static string Locate()
    {
        if (Environment.GetEnvironmentVariable("TKA_CLI_BINARY") is { Length: > 0 } given)
        {
            return System.IO.Path.GetFullPath(given);
        }

        var directory = System.IO.Path.Combine(RepositoryRoot, "artifacts", "cli-test");
        var binary = System.IO.Path.Combine(directory, OperatingSystem.IsWindows() ? "tka.exe" : "tka");
        Directory.CreateDirectory(directory);
        using var turn = WaitForLock(directory + ".lock");
        if (!File.Exists(binary) || NewestSource() > File.GetLastWriteTimeUtc(binary))
        {
            Publish(directory);
            File.SetLastWriteTimeUtc(binary, TimeProvider.System.GetUtcNow().UtcDateTime);
        }

        return binary;
    }

    private static DateTime NewestSource() => new[] { "TKA.Cli", "TKA.Contracts" }
        .SelectMany(project => new DirectoryInfo(System.IO.Path.Combine(RepositoryRoot, project)).EnumerateFiles("*", SearchOption.AllDirectories))
        .Where(file => file.Extension is ".cs" or ".csproj" or ".sh" && !file.FullName.Contains("/obj/", StringComparison.Ordinal) && !file.FullName.Contains("/bin/", StringComparison.Ordinal))
        .Max(file => file.LastWriteTimeUtc);

    private static void Publish(string directory)
    {
        var rid = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;
        var start = new ProcessStartInfo("dotnet", $"publish TKA.Cli -c Release -r {rid} -o \"{directory}\" --artifacts-path \"{directory}.build\" -p:RunAnalyzers=false --nologo -v q")
        {
            WorkingDirectory = RepositoryRoot,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The test host's MSBuild variables must not leak into another build.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        Console.WriteLine("Publishing the native tka for the tests of the command: a minute or two, until TKA.Cli changes again.");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"dotnet publish failed:\n{output.Result}{error.Result}");
        }
    }

    private static FileStream WaitForLock(string path)
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (deadline.Elapsed < TimeSpan.FromMinutes(10))
            {
                Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
            }
        }
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(System.IO.Path.Combine(directory.FullName, "TKA.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("TKA.sln is not above the tests.");
    }
}
