using System.CommandLine;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka kubeconfig</c>: fetches the current session's kubeconfig, with a fresh token.</summary>
internal sealed class KubeconfigCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();
    private readonly Option<string> _role = new("--role") { Description = "Role of the session; left out: the base session.", HelpName = "name" };
    private readonly Option<bool> _print = new("--print") { Description = "Print the kubeconfig itself, token included, and write no file (same as -o yaml)." };

    public KubeconfigCommand()
        : base("kubeconfig", "Fetch the kubeconfig of a session.")
    {
        Options.Add(_cluster);
        Options.Add(_role);
        Options.Add(_print);
    }

    public override string Details =>
        "Writes the file that login wrote, with a fresh token, and tells its path. With `-o yaml` or `--print` the kubeconfig itself goes to standard output, token included; with `-o json` its path and the session.";

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var server = await context.ResolveSessionServerAsync(context.Parse.GetValue(_cluster), cancellationToken);
        using var client = context.CreateClient(server);
        var print = context.Parse.GetValue(_print) || context.Console.Format == OutputFormat.Yaml;
        if (!print)
        {
            SessionKubeconfig.EnsureWritable();
        }

        var role = context.Parse.GetValue(_role);
        var kubeconfig = await context.Console.WithProgressAsync("Fetching the kubeconfig", () => client.GetKubeconfigAsync(role, cancellationToken));
        if (print)
        {
            CliConsole.WriteRaw(kubeconfig.ToYaml());
            return ExitCode.Success;
        }

        var session = await context.Console.WithProgressAsync("Asking the server", () => client.GetLoginAsync(role, cancellationToken)) ?? throw StatusCommand.NotSignedIn(server, role);
        var earlier = SessionStore.FindLogin(server.ToString(), context.Source?.ToString(), SignIn.RoleKey(session), session.Username);
        var record = LoginRecord.SaveFile(
            LoginRecord.Of(context, client, session, earlier?.Cluster),
            SignIn.InNamespace(kubeconfig, session, null));
        SessionReport.Print(context, record, "Kubeconfig written");
        return ExitCode.Success;
    }
}
