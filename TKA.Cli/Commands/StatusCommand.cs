using System.CommandLine;
using TKA.Cli.Client;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka status</c>: who am I, with which roles, until when, on which cluster.</summary>
internal sealed class StatusCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();

    public StatusCommand(string name = "status", params string[] aliases)
        : base(name, "Show who is signed in, with which roles and until when.", aliases) => Options.Add(_cluster);

    public override string Details =>
        "Shows the session that kubectl uses in this terminal, or else the base session, and under it all your sessions: at every cluster that you signed in at from this machine, unless `--cluster` or `--server` names one. With `-o json` the base session's members stand at the top, and all sessions in `sessions`.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("How long have I got?", "tka status"),
        ("The end of the base session, for scripts", "tka status -o json | jq -r .until"),
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var cluster = context.Parse.GetValue(_cluster);
        if (cluster is null && context.Parse.GetValue(GlobalOptions.Server) is null && StatusOfAll.Servers(context) is { Count: > 1 } several)
        {
            return await StatusOfAll.RunAsync(context, several, cancellationToken);
        }

        var server = await context.ResolveSessionServerAsync(cluster, cancellationToken);
        using var client = context.CreateClient(server);
        var sessions = await context.Console.WithProgressAsync("Asking the server", () => client.GetOwnSessionsAsync(cancellationToken));
        if (sessions.Count == 0)
        {
            throw NotSignedIn(server, null);
        }

        SignIn.WarnOfClockSkew(context, client);
        TokenCache.DropOthers(server.ToString(), context.Source?.ToString(), sessions[0].Username);
        var use = SessionInUse.Find() is { } found && found.Server == server.ToString() ? found : null;
        var outputs = sessions.Select(session => Describe(context, server, session, use)).ToList();
        var top = Top(outputs);
        Write(context, outputs, () => Print(context, client, outputs, outputs.Find(output => output.InUse is true) ?? top));
        return sessions.FirstOrDefault(session => session.Role == top.Role) is { Status: SessionStatus.Rejected } rejected
            ? throw TkaClient.Rejected(rejected)
            : ExitCode.Success;
    }

    /// <summary>Writes sessions for programs, or lets a table be written for people.</summary>
    public static void Write(CommandContext context, List<SessionOutput> outputs, Action forPeople)
    {
        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(Top(outputs) with { Sessions = outputs }, CliJsonContext.Indented.SessionOutput);
                break;
            case OutputFormat.Name:
                CliConsole.WriteLine(Top(outputs).Username);
                break;
            default:
                forPeople();
                break;
        }
    }

    /// <summary>The error when there is no session.</summary>
    /// <param name="server">The server.</param>
    /// <param name="role">Role of the session; null: the base session.</param>
    public static CliException NotSignedIn(Uri server, string? role) => new(
        ErrorCodes.NotSignedIn,
        ExitCode.NotSignedIn,
        role is null ? $"You are not signed in at {server.Authority}." : $"You have no session with role {role} at {server.Authority}.",
        [role is null ? "Sign in with: tka login" : $"Sign in with: tka login --role {role}"]);

    /// <summary>A session as the server sees it, with what this machine has of it.</summary>
    public static SessionOutput Describe(CommandContext context, Uri server, SessionResponse session, SessionInUse.Use? use)
    {
        var role = SignIn.RoleKey(session);
        var inUse = use is not null && (use.Role == role || (role is null && use.Role == session.Role));
        var record = SessionStore.FindLogin(server.ToString(), context.Source?.ToString(), role, session.Username)
            ?? (inUse ? SessionStore.Load().Find(shell => shell.Kubeconfig == use!.Kubeconfig) : null);
        return new SessionOutput
        {
            Username = session.Username,
            Role = session.Role,
            Until = session.Until,
            Namespaces = session.Namespaces ?? [],
            Cluster = record?.Cluster,
            Kubeconfig = inUse ? use!.Kubeconfig : (record?.Kubeconfig ?? record?.Merged?.Path) is { } path && File.Exists(path) ? path : null,
            Context = inUse ? use!.Context : record?.Context,
            Status = session.Status!,
            Reason = session.Reason,
            Message = session.Message,
            Server = server.ToString(),
            IsBase = role is null,
            InUse = inUse,
        };
    }

    /// <summary>The base session, with several clusters that of the cluster in use.</summary>
    private static SessionOutput Top(List<SessionOutput> outputs)
    {
        var used = outputs.Find(output => output.InUse is true);
        return outputs.Find(output => output.IsBase is true && (used is null || output.Server == used.Server))
            ?? outputs.Find(output => output.IsBase is true)
            ?? outputs[0];
    }

    private static void Print(CommandContext context, TkaClient client, List<SessionOutput> outputs, SessionOutput shown)
    {
        context.Console.Summary(Title(shown.Status), Lines(context, client, shown));
        if (outputs.Count > 1)
        {
            context.Console.Table(
                [new("In use"), new("Role"), new("Ends"), new("Scope", Importance: 1), new("Status", Importance: 2), new("Context", Importance: 1)],
                [.. outputs.Select(output => new[]
                {
                    output.InUse is true ? "yes" : "no",
                    output.IsBase is true ? $"{output.Role} (base)" : output.Role,
                    RemainingTime.Describe(output.Until, context.Clock, client.ClockAhead),
                    output.Namespaces.Count == 0 ? "whole cluster" : string.Join(",", output.Namespaces),
                    output.Status,
                    output.Context ?? "",
                })]);
        }
    }

    private static string Title(string status) => status switch
    {
        SessionStatus.Pending => "Access is being set up",
        SessionStatus.Rejected => "Refused",
        _ => "Signed in",
    };

    private static IEnumerable<(string, string?)> Lines(CommandContext context, TkaClient client, SessionOutput output) =>
    [
        ("User", output.Username),
        ("Role", output.Role),
        ("Scope", output.Namespaces.Count == 0 ? "whole cluster" : string.Join(", ", output.Namespaces)),
        ("Cluster", output.Cluster),
        ("Until", RemainingTime.Describe(output.Until, context.Clock, client.ClockAhead)),
        ("Status", output.Status),
        ("Reason", output.Reason is null ? null : $"{output.Reason}: {output.Message}"),
        ("Kubeconfig", output.Kubeconfig is null ? null : TkaPaths.ForPeople(output.Kubeconfig)),
        ("Context", context.Long ? output.Context : null),
        ("Server", context.Long || output.Cluster is null ? output.Server : null),
    ];
}
