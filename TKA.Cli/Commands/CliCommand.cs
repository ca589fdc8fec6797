using System.CommandLine;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary>A command: reads its flags, works, reports errors in one way.</summary>
internal abstract class CliCommand : Command
{
    /// <summary>Creates it.</summary>
    protected CliCommand(string name, string description, params string[] aliases)
        : base(name, description)
    {
        foreach (var alias in aliases)
        {
            Aliases.Add(alias);
        }

        SetAction(InvokeAsync);
    }

    /// <summary>Examples for help and documentation: a comment and a command line.</summary>
    public virtual IReadOnlyList<(string Comment, string Line)> Examples => [];

    /// <summary>More than the one line of <see cref="Symbol.Description"/>.</summary>
    public virtual string Details => "";

    /// <summary>The command may be about to make the configuration file that <c>--config</c> names.</summary>
    protected virtual bool ConfigMayBeMissing => false;

    /// <summary>Whether leftovers of killed runs are looked for first.</summary>
    protected virtual bool Tidies => true;

    /// <summary>Does the work.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken);

    private async Task<int> InvokeAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        CommandContext? context = null;
        try
        {
            context = CommandContext.Create(parse, TimeProvider.System, ConfigMayBeMissing);
            if (Tidies)
            {
                await StaleSessions.TidyAsync(context.Clock, context.Debug, cancellationToken);
            }

            return await RunAsync(context, cancellationToken);
        }
        catch (CliException exception)
        {
            Reporter(context, parse).Report(exception, context?.Debug ?? parse.GetValue(GlobalOptions.Debug));
            return exception.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Reporter(context, parse).Report(
                new CliException(ErrorCodes.Interrupted, ExitCode.Interrupted, "Interrupted.", ["tka status shows whether a session was set up meanwhile; tka logout ends it."]),
                debug: false);
            return ExitCode.Interrupted;
        }
#pragma warning disable CA1031 // The last resort: whatever a command did not foresee still ends in a message, an exit code and no stack trace.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Reporter(context, parse).Report(
                new CliException(
                    ErrorCodes.Unexpected,
                    ExitCode.Failure,
                    $"Something went wrong that tka does not know: {(exception is TypeInitializationException { InnerException: { } inner } ? inner : exception).Message}",
                    ["Run it again with --debug and report what it prints."],
                    exception),
                context?.Debug ?? parse.GetValue(GlobalOptions.Debug));
            return ExitCode.Failure;
        }
    }

    /// <summary>A console to report with, also when the configuration could not be read.</summary>
    public static CliConsole Reporter(CommandContext? context, ParseResult? parse)
    {
        if (context is not null)
        {
            return context.Console;
        }

        _ = Theme.TryFind(Theme.Default, out var theme);
        return new CliConsole(
            TerminalEnvironment.Detect(),
            theme,
            Enum.TryParse<OutputFormat>(parse?.GetValue(GlobalOptions.Output), ignoreCase: true, out var format) ? format : OutputFormat.Table,
            quiet: false);
    }
}
