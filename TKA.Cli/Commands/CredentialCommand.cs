using System.CommandLine;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka credential</c>: the exec credential plugin of kubectl and everything built on client-go.</summary>
internal sealed class CredentialCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();
    private readonly Option<string> _role = new("--role") { Description = "Role of the session beside the base session; left out: the base session.", HelpName = "name" };
    private readonly Option<string> _period = new("--period") { Description = "Ask for a shorter session than granted, for example 2h.", HelpName = "duration" };
    private readonly Option<bool> _autoLogin = new("--auto-login") { Description = "Sign in again when the session is over." };

    public CredentialCommand()
        : base("credential", "Print a token for kubectl (exec credential plugin).")
    {
        Options.Add(_cluster);
        Options.Add(_role);
        Options.Add(_period);
        Options.Add(_autoLogin);
    }

    public override string Details =>
        "Prints an `ExecCredential` in the API version that `KUBERNETES_EXEC_INFO` asks for, and nothing else. `tka login --merge` writes a kubeconfig entry that calls it. Tokens are cached (`$XDG_CACHE_HOME/tka`, mode 0600) until a minute before they expire; of many calls at once only one asks the server. When a process asks again before its token is over, the cluster is asked whether it refuses the token (401), and only then a new one is fetched; a server that cannot be reached never makes a good token invalid. Where no cache can be written, each call asks the server.";

    // Called for every kubectl command: others tidy up.
    protected override bool Tidies => false;

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var version = ExecCredentialWriter.RequestedVersion();
            var server = await context.ResolveServerAsync(context.Parse.GetValue(_cluster), cancellationToken);
            var request = new LoginRequest { Role = context.Parse.GetValue(_role), Period = context.Parse.GetValue(_period) };
            var token = await new TokenSource(context, server, request, context.Parse.GetValue(_autoLogin)).GetAsync(cancellationToken);
            ExecCredentialWriter.Write(version, token);
            return ExitCode.Success;
        }
        catch (CliException exception) when (!context.Debug && context.Console.Format == Output.OutputFormat.Table)
        {
            // kubectl shows standard error as it is: one line that says what to do.
            CliConsole.ErrorLine($"tka: {exception.Message}{(exception.Advice.Count > 0 ? $" {exception.Advice[0]}" : "")}");
            return exception.ExitCode;
        }
    }
}
