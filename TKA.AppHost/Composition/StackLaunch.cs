using Microsoft.Extensions.Configuration;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Composition;

/// <summary>
/// One run of the stack, from its command line to its exit code. Everything that can keep it from starting and is known beforehand (a
/// wrong option, a port in use, no tailscaled) is found before Aspire starts anything, and said in one line.
/// </summary>
internal sealed class StackLaunch : IAsyncDisposable
{
    private static readonly string[] PublishOptions = ["--operation", "--publisher", "--step", "--output-path", "--log-level", "--environment"];

    private DataDirectory? _data;

    private StackLaunch(CommandLine options, string[] aspireArguments) => (Options, AspireArguments) = (options, aspireArguments);

    /// <summary>Options of the stack.</summary>
    public CommandLine Options { get; }

    /// <summary>Arguments that are Aspire's own: what to publish, and configuration keys (<c>--Section:Key value</c>).</summary>
    public string[] AspireArguments { get; }

    /// <summary>Exit code when there is nothing to run: help was asked for, or the stack cannot start. Later: how the run ends.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Files of the stack. Only while it runs, not when it is published.</summary>
    public StackFiles Files => _data!.Files;

    /// <summary>Tailnet of the stack.</summary>
    public StackTailnet Tailnet { get; private set; } = null!;

    /// <summary>Reads the command line, takes the data directory, and looks whether everything that the stack needs is there.</summary>
    public static async Task<StackLaunch> PrepareAsync(string[] args)
    {
        var launch = new StackLaunch(new CommandLine(), []);
        try
        {
            var (own, aspire) = Split(args);
            launch = new StackLaunch(CommandLine.Parse([.. Parameters(aspire), .. own]), aspire);
            if (launch.Options.ShowHelp)
            {
                Console.WriteLine(CommandLine.Help);
                launch.ExitCode = StackExit.Success;
            }
            else if (!aspire.Any(PublishOptions.Contains))
            {
                await launch.PrepareRunAsync();
            }
        }
        catch (Exception exception) when (StackExit.TryExplain(exception) is { } code)
        {
            launch.ExitCode = code;
        }

        return launch;
    }

    /// <summary>Ends the run, because of something that only came to light after the start.</summary>
    /// <param name="message">One line for the terminal.</param>
    public void Fail(string message)
    {
        ExitCode = StackExit.TryExplain(new StackException(message));
    }

    /// <summary>Runs until a signal, and returns when nothing of the stack runs any more.</summary>
    public async Task<int> RunAsync(DistributedApplication application)
    {
        await using (application)
        {
            try
            {
                await application.RunAsync();
            }
            catch (OperationCanceledException)
            {
                // Stopped while it was starting.
            }
        }

        await StackProcesses.WaitForEndAsync();
        return ExitCode ?? StackExit.Success;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _data?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task PrepareRunAsync()
    {
        _data = DataDirectory.Open(Options.Data);
        StackProcesses.Mark();
        DashboardAddresses.Set(Options.Ports);
        Options.Ports.RequireFree(Options.Clusters);
        Tailnet = await StackTailnet.FindAsync(Options, Files, CancellationToken.None);
        if (Options.HostCluster && !Options.Yes)
        {
            await HostContext.AskAsync(CancellationToken.None);
        }
    }

    /// <summary>The parameters that choose cluster and tailnet, as options; an option of the command line comes after them and wins.</summary>
    private static IEnumerable<string> Parameters(string[] aspire)
    {
        var values = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(aspire).Build().GetSection(TkaParameters.Section);
        return new[] { (Option: "--cluster", Value: values[TkaParameters.Cluster]), (Option: "--tailnet", Value: values[TkaParameters.Tailnet]) }
            .Where(parameter => !string.IsNullOrEmpty(parameter.Value))
            .Select(parameter => $"{parameter.Option}={parameter.Value}");
    }

    private static (string[] Own, string[] Aspire) Split(string[] args)
    {
        List<string> own = [], aspire = [];
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].Split('=')[0];
            var isAspires = PublishOptions.Contains(name) || (name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal));
            (isAspires ? aspire : own).Add(args[i]);
            if (isAspires && name.Length == args[i].Length && i + 1 < args.Length)
            {
                aspire.Add(args[++i]);
            }
        }

        return ([.. own], [.. aspire]);
    }
}
