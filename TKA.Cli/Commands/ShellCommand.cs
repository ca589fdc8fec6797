using System.CommandLine;
using TKA.Cli.Shells;

namespace TKA.Cli.Commands;

/// <summary><c>tka shell</c>: a subshell with a session.</summary>
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
        : base("shell", "Start a subshell with a session that is there, or with one of its own that ends with it.")
    {
        _session.AddTo(this);
        Options.Add(_shell);
        Arguments.Add(_command);
    }

    public override string Details =>
        "Starts your own shell with KUBECONFIG set and the role and the time left in its prompt: yellow for roles that change things, red for administration and for the last five minutes. Uses your session of that role when one is there, and leaves it there; otherwise begins one, which ends with the last shell that uses it, unless you signed in meanwhile. A line warns 5 minutes and 1 minute before the end; tka login renews.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("A window for looking", "tka shell"),
        ("A window for changing things, for half an hour", "tka shell --role tka-edit --period 30m"),
        ("In a shell: take another of your sessions", "tka use tka-edit"),
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) =>
        ShellSession.RunAsync(context, _session, context.Parse.GetValue(_command) ?? [], context.Parse.GetValue(_shell), cancellationToken);
}
