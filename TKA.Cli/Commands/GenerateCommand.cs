using System.CommandLine;
using TKA.Cli.Completion;
using TKA.Cli.Documentation;
using TKA.Cli.Errors;
using TKA.Cli.Shells;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka generate ...</c>.</summary>
internal sealed class GenerateCommand : Command
{
    public GenerateCommand()
        : base("generate", "Generate shell integration, kubectl plugin links, or the documentation.")
    {
        Subcommands.Add(new GenerateIntegrationCommand());
        Subcommands.Add(new GenerateKubectlPluginCommand());
        Subcommands.Add(new GenerateDocumentationCommand());
    }
}

/// <summary><c>tka generate integration SHELL</c>: a shell function that lets login, refresh and logout change <c>KUBECONFIG</c>.</summary>
internal sealed class GenerateIntegrationCommand : CliCommand
{
    private readonly Argument<string> _shell = new("shell") { Description = "bash, zsh, fish or powershell." };

    public GenerateIntegrationCommand()
        : base("integration", "Print a shell function tka that sets KUBECONFIG after login, refresh and logout.")
    {
        _shell.AcceptOnlyFromAmong(CompletionScripts.Shells);
        Arguments.Add(_shell);
    }

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("bash, in ~/.bashrc", "eval \"$(tka generate integration bash)\""),
        ("zsh, in ~/.zshrc", "eval \"$(tka generate integration zsh)\""),
        ("fish, in ~/.config/fish/config.fish", "tka generate integration fish | source"),
        ("PowerShell, in $PROFILE", "tka generate integration powershell | Out-String | Invoke-Expression"),
    ];

    protected override bool Tidies => false;

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        CliConsole.WriteRaw(IntegrationScripts.For(context.Parse.GetRequiredValue(_shell)));
        return Task.FromResult(ExitCode.Success);
    }
}

/// <summary><c>tka generate kubectl-plugin [DIRECTORY]</c>: the names under which kubectl finds the program.</summary>
internal sealed class GenerateKubectlPluginCommand : CliCommand
{
    /// <summary>Name that makes <c>kubectl tka</c> work.</summary>
    public const string Plugin = "kubectl-tka";

    /// <summary>Name kubectl's completion asks.</summary>
    public const string Complete = "kubectl_complete-tka";

    private readonly Argument<string?> _directory = new("directory") { Description = "A directory on PATH; default: where tka is.", Arity = ArgumentArity.ZeroOrOne };

    public GenerateKubectlPluginCommand()
        : base("kubectl-plugin", "Link the program as kubectl-tka and kubectl_complete-tka, for kubectl tka and its completion.") => Arguments.Add(_directory);

    protected override bool Tidies => false;

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var self = Environment.ProcessPath!;
        var directory = Path.GetFullPath(context.Parse.GetValue(_directory) ?? Path.GetDirectoryName(self)!);
        foreach (var name in (string[])[Plugin, Complete])
        {
            var link = Path.Combine(directory, OperatingSystem.IsWindows() ? name + ".exe" : name);
            try
            {
                if (new FileInfo(link) is { LinkTarget: not null } old)
                {
                    old.Delete();
                }

                File.CreateSymbolicLink(link, self);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw FileErrors.NotWritable(link, ErrorCodes.StateUnwritable, exception);
            }

            CliConsole.WriteLine(link);
        }

        context.Console.Success("kubectl tka works in shells that have this directory on PATH.");
        return Task.FromResult(ExitCode.Success);
    }
}

/// <summary><c>tka generate documentation PATH</c>: the reference of the command line as Markdown.</summary>
internal sealed class GenerateDocumentationCommand : CliCommand
{
    private readonly Argument<string> _path = new("path") { Description = "File to write; - for standard output." };

    public GenerateDocumentationCommand()
        : base("documentation", "Write the command line reference as Markdown.")
    {
        Hidden = true;
        Arguments.Add(_path);
    }

    protected override bool Tidies => false;

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var markdown = MarkdownReference.Write(TkaCommandLine.BuildRoot());
        var path = context.Parse.GetRequiredValue(_path);
        if (path == "-")
        {
            CliConsole.WriteRaw(markdown);
        }
        else
        {
            AtomicFile.Write(path, System.Text.Encoding.UTF8.GetBytes(markdown), AtomicFile.Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead, ErrorCodes.StateUnwritable);
            context.Console.Success($"Wrote {path}");
        }

        return Task.FromResult(ExitCode.Success);
    }
}
