using System.CommandLine;
using TKA.Cli.Client;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka logout</c>: revokes sessions and removes what login wrote.</summary>
internal sealed class LogoutCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();
    private readonly Option<string> _role = new("--role") { Description = "End the session of this role only.", HelpName = "name" };
    private readonly Option<bool> _all = new("--all") { Description = "End all your sessions, at every server you are signed in at from this machine." };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Remove what login wrote even when the server cannot be reached." };

    public LogoutCommand()
        : base("logout", "End the session and remove what login wrote.", "signout")
    {
        Options.Add(_cluster);
        Options.Add(_role);
        Options.Add(_all);
        Options.Add(_force);
        Validators.Add(result =>
        {
            if (result.GetValue(_all) && result.GetValue(_role) is not null)
            {
                result.AddError("--all and --role exclude each other.");
            }
        });
    }

    public override string Details =>
        "Revokes the base session at the server, with `--role` that of the role, with `--all` all, then removes the kubeconfig file or the merged entries, puts the previous current context back and drops cached tokens. It says what goes on. When you are not signed in that is no error. When the server cannot be reached everything stays, so that the next logout still knows what to end; with `--force` it goes all the same, and the session ends by itself.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("Give the extra rights back, keep the base session", "tka logout --role tka-edit"),
        ("Leave nothing behind", "tka logout --all"),
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (!context.Parse.GetValue(_all))
        {
            return await LogoutAsync(context, await context.ResolveSessionServerAsync(context.Parse.GetValue(_cluster), cancellationToken), cancellationToken);
        }

        var servers = SessionStore.Logins(context.Source?.ToString()).Select(login => login.Server).Distinct().Order(StringComparer.Ordinal).ToList();
        if (servers.Count == 0 || context.NamedServer is not null || context.Parse.GetValue(_cluster) is not null)
        {
            servers = [.. servers.Append((await context.ResolveServerAsync(context.Parse.GetValue(_cluster), cancellationToken)).ToString()).Distinct()];
        }

        var code = ExitCode.Success;
        foreach (var server in servers)
        {
            try
            {
                await LogoutAsync(context, new Uri(server), cancellationToken);
            }
            catch (CliException exception)
            {
                // The others are to end all the same.
                context.Console.Report(exception, context.Debug);
                code = code == ExitCode.Success ? exception.ExitCode : code;
            }
        }

        return code;
    }

    private async Task<int> LogoutAsync(CommandContext context, Uri server, CancellationToken cancellationToken)
    {
        using var client = context.CreateClient(server);
        var meant = Meant(context, server);

        // The server first: if it cannot be reached the files stay, so that the next logout still knows what to end.
        var (ended, reached) = await EndAsync(context, client, meant, cancellationToken);
        var foreign = reached ? await ForeignAsync(client, meant, ended, cancellationToken) : [];
        var cleanup = await LogoutCleanup.RunAsync(context, server, [.. meant.Concat(Ended(context, server, ended)).DistinctBy(record => record.Id)], cancellationToken);
        var remaining = reached && !context.Parse.GetValue(_all) ? await RemainingAsync(client, cancellationToken) : [];

        if (context.Parse.GetValue(GlobalOptions.Eval) is { } shell)
        {
            foreach (var path in cleanup.Files)
            {
                CliConsole.WriteLine(ShellSyntax.UnsetIf(shell, "KUBECONFIG", path));
            }

            context.Console.SummariesToError = true;
        }

        if (context.Console.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            context.Console.WriteValue(
                new LogoutOutput
                {
                    SignedOut = ended.Count > 0,
                    Username = ended.Count > 0 ? ended[0].Username : null,
                    Role = ended.Count > 0 ? ended[0].Role : null,
                    Ended = [.. ended.Select(session => session.Role)],
                    Remaining = [.. remaining.Select(session => session.Role)],
                    Removed = cleanup.Removed,
                    Server = server.ToString(),
                },
                CliJsonContext.Indented.LogoutOutput);
        }
        else
        {
            Tell(context, server, ended, reached && foreign.Count == 0, remaining, cleanup);
        }

        return foreign.Count == 0 ? ExitCode.Success : throw BelongsToOthers(context, server, foreign);
    }

    private List<SessionRecord> Meant(CommandContext context, Uri server) => SessionStore.Logins(context.Source?.ToString()).FindAll(record =>
        record.Server == server.ToString()
        && (context.Parse.GetValue(_all) || (context.Parse.GetValue(_role) is { } role ? record.Role == role : !record.IsBeside)));

    private static IEnumerable<SessionRecord> Ended(CommandContext context, Uri server, IReadOnlyList<SessionResponse> ended) => ended
        .Select(session => SessionStore.FindLogin(server.ToString(), context.Source?.ToString(), SignIn.RoleKey(session), session.Username))
        .OfType<SessionRecord>();

    private async Task<(IReadOnlyList<SessionResponse> Ended, bool Reached)> EndAsync(CommandContext context, TkaClient client, List<SessionRecord> meant, CancellationToken cancellationToken)
    {
        try
        {
            return (await context.Console.WithProgressAsync("Signing out", () => EndAsync(client, context.Parse.GetValue(_all), context.Parse.GetValue(_role), cancellationToken)), true);
        }
        catch (CliException exception) when (exception.ExitCode == ExitCode.Unreachable && meant.Count > 0)
        {
            if (!context.Parse.GetValue(_force))
            {
                throw exception.WithAdvice("tka logout --force removes what login wrote all the same.");
            }

            var remaining = meant.Max(record => record.Until) - context.Clock.GetUtcNow();
            context.Console.Warning($"{exception.Message} {(remaining > TimeSpan.Zero ? $"The session there ends by itself {RemainingTime.Relative(remaining)}." : "The session there is over.")}");
            return ([], false);
        }
    }

    private static async Task<IReadOnlyList<SessionResponse>> EndAsync(TkaClient client, bool all, string? role, CancellationToken cancellationToken) =>
        all ? await client.LogoutAllAsync(cancellationToken)
        : await client.LogoutAsync(role, cancellationToken) is { } session ? [session]
        : [];

    private static void Tell(CommandContext context, Uri server, IReadOnlyList<SessionResponse> ended, bool reached, IReadOnlyList<SessionResponse> remaining, LogoutCleanup cleanup)
    {
        foreach (var session in ended)
        {
            context.Console.Success($"Signed out {session.Username}, role {session.Role}. Tokens of the session are refused within 15 s.");
        }

        if (reached && ended.Count == 0)
        {
            context.Console.Success($"You were not signed in at {server.Authority}.");
        }

        cleanup.Tell(context.Console);
        foreach (var session in remaining)
        {
            context.Console.Info($"Your session with role {session.Role} goes on until {RemainingTime.Describe(session.Until, context.Clock)}. End it with: tka logout{(SignIn.RoleKey(session) is null ? "" : $" --role {session.Role}")}");
        }
    }

    // The records of a person whom this device no longer belongs to: the server does not end their sessions for anybody else.
    private static async Task<IReadOnlyList<SessionRecord>> ForeignAsync(TkaClient client, List<SessionRecord> meant, IReadOnlyList<SessionResponse> ended, CancellationToken cancellationToken)
    {
        if (meant.All(record => ended.Any(session => session.Username == record.Username)))
        {
            return [];
        }

        try
        {
            var me = ended.Count > 0 ? ended[0].Username : (await client.GetAccessAsync(cancellationToken)).Username;
            return meant.FindAll(record => record.Username != me);
        }
        catch (CliException)
        {
            // Without a grant the server does not say who this device belongs to.
            return [];
        }
    }

    private static async Task<IReadOnlyList<SessionResponse>> RemainingAsync(TkaClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetOwnSessionsAsync(cancellationToken);
        }
        catch (CliException)
        {
            // What was asked for is done.
            return [];
        }
    }

    private static CliException BelongsToOthers(CommandContext context, Uri server, IReadOnlyList<SessionRecord> foreign) => new(
        ErrorCodes.SessionOfAnother,
        ExitCode.Refused,
        $"The session that was signed in here belongs to {foreign[0].Username}, and this device now to somebody else: it was not ended at {server.Authority}.",
        [
            $"It ends by itself {RemainingTime.Relative(foreign.Max(record => record.Until) - context.Clock.GetUtcNow())}. What login wrote here was removed.",
            $"{foreign[0].Username} can end it from a device of theirs with tka logout, an administrator with tka sessions end.",
        ]);
}
