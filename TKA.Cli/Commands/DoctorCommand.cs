using System.CommandLine;
using TKA.Cli.Configuration;
using TKA.Cli.Doctor;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka doctor</c>: checks everything on the way from here to the cluster and says what to do about it.</summary>
internal sealed class DoctorCommand : CliCommand
{
    private readonly Option<bool> _cluster = new("--cluster") { Description = "Look at the cluster of kubectl's current context too, as its administrator: are TKA's admission policies in force, and are sessions of the Go TKA left?" };

    public DoctorCommand()
        : base("doctor", "Check everything that has to work, and say what to do about what does not.") => Options.Add(_cluster);

    public override string Details =>
        "Checks Tailscale, the server's name, the connection and its certificate, the API, your grant, whether people can sign in, the clock, kubectl, your kubeconfig, tka's own files and the orchestrator. With `--cluster` it also looks for TKA's admission policies, without which the operator does not lead. The exit code is that of the first failure; warnings do not fail.";

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var findings = await context.Console.WithProgressAsync("Checking", () => CheckAsync(context, cancellationToken));
        var failed = findings.Find(finding => finding.Verdict == Verdict.Failed);
        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(
                    new DoctorOutput
                    {
                        Healthy = failed is null,
                        Checks = [.. findings.Select(finding => new DoctorCheckOutput { Name = finding.Name, Result = Word(finding.Verdict), Message = finding.Message, Advice = finding.Advice })],
                    },
                    CliJsonContext.Indented.DoctorOutput);
                break;
            case OutputFormat.Name:
                CliConsole.WriteRaw(string.Concat(findings.Where(finding => finding.Verdict == Verdict.Failed).Select(finding => finding.Name + "\n")));
                break;
            default:
                var width = findings.Max(finding => finding.Name.Length);
                foreach (var finding in findings)
                {
                    FindingOutput.Write(context.Console, finding, width);
                }

                break;
        }

        return failed?.ExitCode ?? ExitCode.Success;
    }

    private async Task<List<Finding>> CheckAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        Uri? server = null;
        try
        {
            server = ServerAddress.ForApi(context.Configuration, context.NamedServer);
        }
        catch (CliException exception)
        {
            findings.Add(Finding.From("Configuration", exception));
        }

        findings.Add(await TailscaleCheck.RunAsync(context, server, cancellationToken));
        if (server is not null)
        {
            findings.AddRange(await ServerChecks.RunAsync(context, server, cancellationToken));
        }

        findings.Add(await LocalChecks.KubectlAsync(cancellationToken));
        findings.Add(LocalChecks.Kubeconfig());
        findings.Add(SessionCheck.Run());
        findings.Add(PluginPolicyCheck.Run());
        findings.Add(LocalChecks.State());
        findings.Add(await OrchestratorCheck.RunAsync(context, server, cancellationToken));
        if (context.Parse.GetValue(_cluster))
        {
            findings.Add(await ClusterPolicyCheck.RunAsync(cancellationToken));
            findings.Add(await GoSessionsCheck.RunAsync(cancellationToken));
        }

        return findings;
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Warning => "warning",
        Verdict.Failed => "failed",
        _ => "skipped",
    };
}
