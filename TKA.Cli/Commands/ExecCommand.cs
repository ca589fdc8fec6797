using System.CommandLine;
using TKA.Cli.Shells;

namespace TKA.Cli.Commands;

/// <summary><c>tka exec -- CMD</c>: one command with access that ends with it.</summary>
internal sealed class ExecCommand : CliCommand
{
    private readonly SessionOptions _session = new();
    private readonly Argument<string[]> _command = new("command")
    {
        Description = "The command and its arguments; -- before it is not needed.",
        Arity = ArgumentArity.OneOrMore,
    };

    public ExecCommand()
        : base("exec", "Run one command with access that ends with it.")
    {
        _session.AddTo(this);
        Arguments.Add(_command);
    }

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) =>
        ShellSession.RunAsync(context, _session, context.Parse.GetValue(_command) ?? [], null, cancellationToken);
}
