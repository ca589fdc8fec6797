using System.CommandLine;
using TKA.Cli.Shells;

namespace TKA.Cli.Commands;

/// <summary><c>tka shell</c>: a subshell with access that ends with it.</summary>
internal sealed class ShellCommand : CliCommand
{
    private readonly SessionOptions _session = new();
    private readonly Option<string> _shell = new("--shell") { Description = "Shell to start instead of your own.", HelpName = "name" };
    private readonly Argument<string[]> _command = new("command")
    {
        Description = "Run this one command instead of a shell, and pass its exit code on; -- before it is not needed.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public ShellCommand()
        : base("shell", "Start a subshell with access that ends with it.")
    {
        _session.AddTo(this);
        Options.Add(_shell);
        Arguments.Add(_command);
    }

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) =>
        ShellSession.RunAsync(context, _session, context.Parse.GetValue(_command) ?? [], context.Parse.GetValue(_shell), cancellationToken);
}
