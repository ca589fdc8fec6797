using System.CommandLine;
using TKA.Cli.Client;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka status</c>: who am I, with which role, until when, on which cluster.</summary>
internal sealed class StatusCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();

    public StatusCommand(string name = "status", params string[] aliases)
        : base(name, "Show who is signed in, with which role and until when.", aliases) => Options.Add(_cluster);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var server = await context.ResolveSessionServerAsync(context.Parse.GetValue(_cluster), cancellationToken);
        using var client = context.CreateClient(server);
        var session = await context.Console.WithProgressAsync("Asking the server", () => client.GetLoginAsync(cancellationToken))
            ?? throw NotSignedIn(server);
        SignIn.WarnOfClockSkew(context, client);
        var record = SessionStore.FindLogin(server.ToString(), context.Source?.ToString());
        var output = new SessionOutput
        {
            Username = session.Username,
            Role = session.Role,
            Until = session.Until,
            Namespaces = session.Namespaces ?? [],
            Cluster = record?.Cluster,
            Kubeconfig = (record?.Kubeconfig ?? record?.Merged?.Path) is { } path && File.Exists(path) ? path : null,
            Context = record?.Context,
            Status = session.Status!,
            Reason = session.Reason,
            Message = session.Message,
            Server = server.ToString(),
        };

        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(output, CliJsonContext.Indented.SessionOutput);
                break;
            case OutputFormat.Name:
                CliConsole.WriteLine(output.Username);
                break;
            default:
                context.Console.Summary(Title(output.Status), Lines(context, output));
                break;
        }

        return output.Status switch
        {
            SessionStatus.Rejected => throw TkaClient.Rejected(session),
            _ => ExitCode.Success,
        };
    }

    /// <summary>The error when there is no session.</summary>
    public static CliException NotSignedIn(Uri server) => new(
        ErrorCodes.NotSignedIn,
        ExitCode.NotSignedIn,
        $"You are not signed in at {server.Authority}.",
        ["Sign in with: tka login"]);

    private static string Title(string status) => status switch
    {
        SessionStatus.Pending => "Access is being set up",
        SessionStatus.Rejected => "Refused",
        _ => "Signed in",
    };

    private static IEnumerable<(string, string?)> Lines(CommandContext context, SessionOutput output) =>
    [
        ("User", output.Username),
        ("Role", output.Role),
        ("Scope", output.Namespaces.Count == 0 ? "whole cluster" : string.Join(", ", output.Namespaces)),
        ("Cluster", output.Cluster),
        ("Until", RemainingTime.Describe(output.Until, context.Clock)),
        ("Status", output.Status),
        ("Reason", output.Reason is null ? null : $"{output.Reason}: {output.Message}"),
        ("Kubeconfig", output.Kubeconfig is null ? null : TkaPaths.ForPeople(output.Kubeconfig)),
        ("Context", context.Long ? output.Context : null),
        ("Server", context.Long || output.Cluster is null ? output.Server : null),
    ];
}
