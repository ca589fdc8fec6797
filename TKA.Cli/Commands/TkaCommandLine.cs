using System.CommandLine;
using System.CommandLine.Parsing;
using TKA.Cli.Client;
using TKA.Cli.Errors;
using TKA.Cli.Shells;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts;

namespace TKA.Cli.Commands;

/// <summary>The command tree, and how a command line becomes an exit code.</summary>
internal static class TkaCommandLine
{
    /// <summary>Builds the tree.</summary>
    public static RootCommand BuildRoot()
    {
        var root = new RootCommand("Short-lived Kubernetes access for who you are on the tailnet.")
        {
            new LoginCommand(),
            new LogoutCommand(),
            new ShellCommand(),
            new ExecCommand(),
            new StatusCommand(),
            new UseCommand(),
            new AccessCommand(),
            new KubeconfigCommand(),
            new ClustersCommand(),
            new CredentialCommand(),
            new ReauthenticateCommand(),
            new SessionsCommand(),
            new ClusterInfoCommand(),
            new ConfigCommand(),
            new VersionCommand(),
            new DoctorCommand(),
            new CompletionCommand(),
            new GenerateCommand(),
            new GetCommand(),
            new SetCommand(),
        };
        root.Directives.Clear();
        foreach (var option in root.Options.OfType<VersionOption>().ToList())
        {
            root.Options.Remove(option);
        }

        foreach (var option in GlobalOptions.All)
        {
            root.Options.Add(option);
        }

        root.Options.Add(new Option<bool>("--version") { Description = "Show the version of tka.", Action = new VersionAction() });
        TkaHelpAction.Install(root);
        root.SetAction(static parse =>
        {
            return new TkaHelpAction().Invoke(parse);
        });
        return root;
    }

    /// <summary>Runs a command line.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        // The Go TKA, kubectl and git know "help COMMAND".
        if (args is ["help", ..])
        {
            args = args.All(word => !word.StartsWith('-')) && BuildRoot().Parse(args[1..]).UnmatchedTokens.Count > 0 ? args[1..] : [.. args[1..], "--help"];
        }

        var root = BuildRoot();
        var empty = EmptyValues.Find(root, args);

        // "@file" is a file of arguments to System.CommandLine by default; here it is a name.
        var parse = root.Parse(ChildCommandLine.Separate(root, args), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (empty is not null)
        {
            return ReportUsage(parse, [$"The value of {empty} is empty"], [$"Give it a value, or leave {empty} out. In a script, look whether a variable is set."]);
        }

        if (parse.Errors.Count > 0 && parse.Action is not TkaHelpAction)
        {
            return ReportUsage(parse, parse.Errors.Select(error => error.Message), Suggest(parse, args));
        }

        var configuration = new InvocationConfiguration
        {
            Output = StandardStreams.Out,
            Error = StandardStreams.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            var began = TimeProvider.System.GetUtcNow();
            var exitCode = await parse.InvokeAsync(configuration, cancellationToken);
            await TraceExport.SendAsync(NameOf(parse), began, TimeProvider.System.GetUtcNow(), exitCode);
            return exitCode;
        }
        catch (IOException exception)
        {
            // Only help writes without the console's guard.
            return FileErrors.IsDiskFull(exception) ? throw CliConsole.OutputLost(exception) : ExitCode.Success;
        }
    }

    /// <summary>The command with those it belongs to: <c>tka sessions end</c>.</summary>
    private static string NameOf(ParseResult parse)
    {
        var names = new Stack<string>();
        for (SymbolResult? result = parse.CommandResult; result is not null; result = result.Parent)
        {
            if (result is CommandResult command)
            {
                names.Push(command.Command is RootCommand ? "tka" : command.Command.Name);
            }
        }

        return string.Join(' ', names);
    }

    private static int ReportUsage(ParseResult parse, IEnumerable<string> problems, IEnumerable<string> advice)
    {
        var error = new CliException(
            ErrorCodes.Usage,
            ExitCode.Usage,
            string.Join(" ", problems.Select(problem => problem.TrimEnd('.') + ".")),
            [.. advice, $"See {NameOf(parse)} --help"]);
        CliCommand.Reporter(null, parse).Report(error, debug: false);
        return ExitCode.Usage;
    }

    private static IEnumerable<string> Suggest(ParseResult parse, string[] args)
    {
        if (MisplacedOption(parse, args) is { } misplaced)
        {
            return [misplaced];
        }

        var command = parse.CommandResult.Command;
        var known = command.Subcommands.Where(child => !child.Hidden).SelectMany(child => child.Aliases.Append(child.Name))
            .Concat(command.Options.Concat(GlobalOptions.All).Where(option => !option.Hidden).Select(option => option.Name))
            .ToList();
        return parse.UnmatchedTokens.Select(token => Spelling.Nearest(token, known)).OfType<string>().Distinct().Select(name => $"Did you mean {name}?");
    }

    // "tka --cluster dev login": the flag is right, but it belongs to the command.
    private static string? MisplacedOption(ParseResult parse, string[] args)
    {
        var command = parse.RootCommandResult.Command.Subcommands.FirstOrDefault(child => args.Any(word => child.Name == word || child.Aliases.Contains(word)));
        var at = Array.FindIndex(args, word => word.StartsWith('-') && command?.Options.Any(option => option.Name == word.Split('=')[0] || option.Aliases.Contains(word.Split('=')[0])) is true);
        var place = Array.FindIndex(args, word => command is not null && (command.Name == word || command.Aliases.Contains(word)));
        if (command is null || at < 0 || at > place)
        {
            return null;
        }

        var moved = args[at..place].Select(ShellSyntax.Word);
        return $"{args[at].Split('=')[0]} stands after the command: tka {string.Join(' ', args[..at].Append(args[place]).Concat(moved).Concat(args[(place + 1)..].Select(ShellSyntax.Word)))}";
    }
}
