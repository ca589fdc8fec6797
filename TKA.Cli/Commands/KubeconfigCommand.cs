using System.CommandLine;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Output;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka kubeconfig</c>: fetches the current session's kubeconfig, with a fresh token.</summary>
internal sealed class KubeconfigCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();
    private readonly Option<bool> _print = new("--print") { Description = "Print the kubeconfig itself, token included, and write no file (same as -o yaml)." };

    public KubeconfigCommand()
        : base("kubeconfig", "Fetch the kubeconfig of the current session.")
    {
        Options.Add(_cluster);
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

        var kubeconfig = await context.Console.WithProgressAsync(
            "Fetching the kubeconfig",
            async () => ServerKubeconfig.Parse(await client.GetKubeconfigAsync(cancellationToken)));
        if (print)
        {
            CliConsole.WriteRaw(kubeconfig.ToYaml());
            return ExitCode.Success;
        }

        var session = await client.GetLoginAsync(cancellationToken) ?? throw StatusCommand.NotSignedIn(server);
        var ns = session.Namespaces is { Count: > 0 } bound && kubeconfig.Namespace is "" ? bound[0] : kubeconfig.Namespace;
        var record = LoginCommand.SaveFile(context, client, session, kubeconfig with { Namespace = ns });
        SessionReport.Print(context, record, "Kubeconfig written");
        return ExitCode.Success;
    }
}
