using System.CommandLine;
using TKA.Cli.Shells;

namespace TKA.Cli.Commands;

/// <summary><c>tka exec -- CMD</c>: one command with a session.</summary>
internal sealed class ExecCommand : CliCommand
{
    private readonly SessionOptions _session = new();
    private readonly Argument<string[]> _command = new("command")
    {
        Description = "The command and its arguments; -- before it is not needed.",
        Arity = ArgumentArity.OneOrMore,
    };

    public ExecCommand()
        : base("exec", "Run one command with a session that is there, or with one of its own that ends with it.")
    {
        _session.AddTo(this);
        Arguments.Add(_command);
    }

    public override string Details =>
        "Uses your session of that role when one is there, and leaves it there; otherwise begins one, which ends with the command. Only what it began ends with it.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("One look", "tka exec kubectl get pods -A"),
        ("One change with more rights, which are given back at once", "tka exec --role tka-edit -- kubectl rollout restart deployment/web -n team-a"),
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) =>
        ShellSession.RunAsync(context, _session, context.Parse.GetValue(_command) ?? [], null, cancellationToken);
}
