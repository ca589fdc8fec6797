using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.CommandLine;
using TKA.Cli.Errors;
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
        HelpWithExamples.Install(root);
        root.SetAction(static parse =>
        {
            new HelpAction().Invoke(parse);
            return ExitCode.Success;
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

        // "@file" is a file of arguments to System.CommandLine by default; here it is a name.
        var parse = root.Parse(ChildCommandLine.Separate(root, args), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Errors.Count > 0 && parse.Action is not HelpWithExamples)
        {
            return ReportUsage(parse, parse.Errors.Select(error => error.Message));
        }

        if (EmptyValue(parse) is { } empty)
        {
            return ReportUsage(parse, [$"The value of {empty} is empty"]);
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
            return await parse.InvokeAsync(configuration, cancellationToken);
        }
        catch (IOException exception)
        {
            // Only help writes without the console's guard.
            return AtomicFile.IsDiskFull(exception) ? throw CliConsole.OutputLost(exception) : ExitCode.Success;
        }
    }

    // Most often "$VARIABLE" that is not set: to take that for no value would do something else than was meant.
    private static string? EmptyValue(ParseResult parse)
    {
        for (SymbolResult? result = parse.CommandResult; result is CommandResult command; result = result.Parent)
        {
            foreach (var child in command.Children)
            {
                switch (child)
                {
                    case OptionResult { Tokens: [{ Value: "" }] } option:
                        return option.Option.Name;
                    case ArgumentResult { Tokens: [{ Value: "" }], Argument.Name: not ("command" or ConfigCommand.ValueArgument) } argument:
                        return argument.Argument.Name;
                }
            }
        }

        return null;
    }

    private static int ReportUsage(ParseResult parse, IEnumerable<string> problems)
    {
        var names = new Stack<string>();
        for (SymbolResult? result = parse.CommandResult; result is not null; result = result.Parent)
        {
            if (result is CommandResult command)
            {
                names.Push(command.Command is RootCommand ? "tka" : command.Command.Name);
            }
        }

        var error = new CliException(
            ErrorCodes.Usage,
            ExitCode.Usage,
            string.Join(" ", problems.Select(problem => problem.TrimEnd('.') + ".")),
            [.. Suggest(parse), $"See {string.Join(' ', names)} --help"]);
        CliCommand.Reporter(null, parse).Report(error, debug: false);
        return ExitCode.Usage;
    }

    private static IEnumerable<string> Suggest(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var known = command.Subcommands.Where(child => !child.Hidden).SelectMany(child => child.Aliases.Append(child.Name))
            .Concat(command.Options.Concat(GlobalOptions.All).Where(option => !option.Hidden).Select(option => option.Name))
            .ToList();
        return parse.UnmatchedTokens.Select(token => Spelling.Nearest(token, known)).OfType<string>().Distinct().Select(name => $"Did you mean {name}?");
    }
}
