using System.Diagnostics;
using TKA.Tests.Cli;
using TKA.Tests.Deploy;
using TKA.Tests.Infrastructure;
using TKA.Tests.Stack;
using Xunit;

namespace TKA.Tests.Documentation;

/// <summary>The commands of the documentation do what it says: each is run, or is on a list that says why not.</summary>
public sealed class DocumentedCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tka-documented-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Every_command_is_on_one_list_and_no_list_names_another()
    {
        var known = CommandTable.OnAFreshCluster.Concat(CommandTable.OnAStack).Select(run => run.Command).Concat(CommandTable.NotHere.Keys).ToArray();
        Assert.DoesNotContain(DocumentedCommands.All, command => !known.Any(entry => IsFor(entry, command)));
        Assert.DoesNotContain(known, entry => !DocumentedCommands.All.Any(command => IsFor(entry, command)));
        Assert.Empty(known.GroupBy(entry => entry).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [Fact]
    public async Task Commands_for_a_fresh_cluster_work()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "installs TKA under its own name, which a shared cluster may have");
        await Tool.RunAsync("helm", "version");
        await using var cluster = await TestCluster.StartAsync(Cancellation);
        await RunAllAsync(CommandTable.OnAFreshCluster, "", cluster.AdminKubeconfigPath);
    }

    [Fact]
    public async Task Commands_for_a_running_TKA_work()
    {
        await Tool.RunAsync("kubectl", "version", "--client");
        await using var stack = StackProcess.Start(Path.Combine(_directory.FullName, ".tka", "dev"), "--ports", "auto", "--clusters", "3");
        var env = await stack.WaitForEnvAsync(Cancellation);
        const string Environment = "set -a; . .tka/dev/env; set +a; ";
        await Eventually.TrueAsync(
            async () => (await TypeAsync(Environment + "tka clusters -o name", "")).Output.Contains("dev-3", StringComparison.Ordinal), "all clusters are registered");
        await RunAllAsync(CommandTable.OnAStack, Environment, env["TKA_ADMIN_KUBECONFIG"]);
    }

    private async Task RunAllAsync(IEnumerable<RunHere> commands, string prepare, string kubeconfig)
    {
        Directory.CreateSymbolicLink(Path.Combine(_directory.FullName, "deploy"), Path.Combine(DeployFiles.RepositoryRoot, "deploy"));
        var failures = new List<string>();
        foreach (var run in commands)
        {
            if (run.First is { } first)
            {
                await CheckAsync(first, "");
            }

            foreach (var command in DocumentedCommands.All.Where(command => IsFor(run.Command, command)))
            {
                await CheckAsync((run.Instead ?? "{}").Replace("{}", command, StringComparison.Ordinal), run.Says);
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));

        async Task CheckAsync(string command, string says)
        {
            var isAdministrators = prepare.Length == 0 || command.StartsWith("kubectl", StringComparison.Ordinal);
            var (exitCode, output) = await TypeAsync(prepare + command, isAdministrators ? kubeconfig : "");
            if (exitCode != 0 || !output.Contains(says, StringComparison.Ordinal))
            {
                failures.Add($"{command}: exit {exitCode}\n{output}");
            }
        }
    }

    private async Task<(int ExitCode, string Output)> TypeAsync(string command, string kubeconfig)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"{{ {command}\n}} 2>&1"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _directory.FullName,
        };
        start.Environment.Clear();
        start.Environment["HOME"] = _directory.FullName;
        start.Environment["SHELL"] = "/bin/bash";
        start.Environment["PATH"] = string.Join(
            Path.PathSeparator, Path.GetDirectoryName(CliBinary.Path), Environment.GetEnvironmentVariable("PATH"), Path.Combine(DeployFiles.RepositoryRoot, "artifacts", "ci-tools", "bin"));
        if (kubeconfig.Length > 0)
        {
            start.Environment["KUBECONFIG"] = kubeconfig;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output);
    }

    /// <summary>Whether an entry of a list is this command, or its beginning.</summary>
    private static bool IsFor(string entry, string command) =>
        entry.EndsWith("...", StringComparison.Ordinal) ? command.StartsWith(entry[..^3], StringComparison.Ordinal) : command == entry;
}
