using TKA.Cli.Client;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka status</c> where a person has signed in at several clusters: all are asked at once.</summary>
internal static class StatusOfAll
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>The servers that this machine has logins at, each with its cluster's name.</summary>
    public static IReadOnlyList<(Uri Server, string Cluster)> Servers(CommandContext context) =>
    [
        .. SessionStore.Logins(context.Source?.ToString()).OrderBy(login => login.Cluster, StringComparer.Ordinal)
            .DistinctBy(login => login.Server).Select(login => (new Uri(login.Server), login.Cluster)),
    ];

    /// <summary>Asks and prints.</summary>
    /// <exception cref="CliException">No server knows a session, and none says why not.</exception>
    public static async Task<int> RunAsync(CommandContext context, IReadOnlyList<(Uri Server, string Cluster)> servers, CancellationToken cancellationToken)
    {
        var answers = await context.Console.WithProgressAsync("Asking the servers", () => Task.WhenAll(servers.Select(server => AskAsync(context, server.Server, cancellationToken))));
        var outputs = answers.SelectMany(answer => answer.Sessions).ToList();
        if (outputs.Count == 0)
        {
            throw answers.Select(answer => answer.Error).FirstOrDefault(error => error is not null) ?? StatusCommand.NotSignedIn(servers[0].Server, null);
        }

        var exitCode = answers.Select(answer => answer.Error).FirstOrDefault(error => error is not null)?.ExitCode ?? ExitCode.Success;
        StatusCommand.Write(context, outputs, () => context.Console.Table(
            [new("In use"), new("Cluster"), new("Role"), new("Ends"), new("Scope", Importance: 2), new("Status"), new("Context", Importance: 1)],
            [.. answers.Zip(servers).SelectMany(pair => Rows(context, pair.First, pair.Second.Cluster))]));

        foreach (var (answer, server) in answers.Zip(servers).Where(pair => pair.First.Error is not null))
        {
            context.Console.Warning($"{server.Cluster} at {server.Server.Authority} cannot be asked: {answer.Error!.Message}");
        }

        return exitCode;
    }

    private static async Task<(List<SessionOutput> Sessions, CliException? Error)> AskAsync(CommandContext context, Uri server, CancellationToken cancellationToken)
    {
        using var client = new TkaClient(context.CreateTransport(server), context.Clock, Limit);
        try
        {
            var use = SessionInUse.Find() is { } found && found.Server == server.ToString() ? found : null;
            IReadOnlyList<SessionResponse> sessions = await client.GetOwnSessionsAsync(cancellationToken);
            return ([.. sessions.Select(session => StatusCommand.Describe(context, server, session, use))], null);
        }
        catch (CliException exception)
        {
            return ([], exception);
        }
    }

    private static IEnumerable<string[]> Rows(CommandContext context, (List<SessionOutput> Sessions, CliException? Error) answer, string cluster) =>
        answer.Error is not null ? [["no", cluster, "", "", "", "unreachable", ""]]
        : answer.Sessions.Count == 0 ? [["no", cluster, "", "", "", "not signed in", ""]]
        : answer.Sessions.Select(output => new[]
        {
            output.InUse is true ? "yes" : "no",
            cluster,
            output.IsBase is true ? $"{output.Role} (base)" : output.Role,
            RemainingTime.Describe(output.Until, context.Clock),
            output.Namespaces.Count == 0 ? "whole cluster" : string.Join(",", output.Namespaces),
            output.Status,
            output.Context ?? "",
        });
}
