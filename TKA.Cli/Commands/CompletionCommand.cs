using System.CommandLine;
using TKA.Cli.Completion;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka completion SHELL</c>: a completion script.</summary>
internal sealed class CompletionCommand : CliCommand
{
    private readonly Argument<string> _shell = new("shell") { Description = "bash, zsh, fish or powershell." };

    public CompletionCommand()
        : base("completion", "Print a completion script for a shell.")
    {
        _shell.AcceptOnlyFromAmong(CompletionScripts.Shells);
        Arguments.Add(_shell);
    }

    public override string Details =>
        "The script needs nothing but tka itself. For `kubectl tka <Tab>` link `kubectl-tka` and `kubectl_complete-tka` to the program: `tka generate kubectl-plugin` does it.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("bash, in ~/.bashrc", "source <(tka completion bash)"),
        ("zsh, in ~/.zshrc after compinit", "source <(tka completion zsh)"),
        ("fish", "tka completion fish > ~/.config/fish/completions/tka.fish"),
        ("PowerShell, in $PROFILE", "tka completion powershell | Out-String | Invoke-Expression"),
    ];

    protected override bool Tidies => false;

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        CliConsole.WriteRaw(CompletionScripts.For(context.Parse.GetRequiredValue(_shell)));
        return Task.FromResult(ExitCode.Success);
    }
}
