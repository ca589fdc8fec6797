using System.CommandLine;
using TKA.Cli.Output;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka sessions</c>: for admins, who has access now.</summary>
internal sealed class SessionsCommand : CliCommand
{
    private readonly Option<string> _user = new("--user") { Description = "Only this person's, by full login name.", HelpName = "login" };
    private readonly Option<string> _role = new("--role") { Description = "Only those with this role.", HelpName = "name" };
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();

    public SessionsCommand()
        : base("sessions", "List who has access now (for admins).")
    {
        Options.Add(_user);
        Options.Add(_role);
        Options.Add(_cluster);
        Subcommands.Add(new SessionsEndCommand());
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var client = context.CreateClient(await context.ResolveServerAsync(context.Parse.GetValue(_cluster), cancellationToken));
        var sessions = await context.Console.WithProgressAsync(
            "Asking the server",
            () => client.GetSessionsAsync(context.Parse.GetValue(_user), context.Parse.GetValue(_role), cancellationToken));
        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(sessions, CliJsonContext.Indented.SessionList);
                break;
            case OutputFormat.Name:
                CliConsole.WriteRaw(string.Concat(sessions.Items.Select(session => session.Name + "\n")));
                break;
            default:
                if (sessions.Items.Count == 0)
                {
                    context.Console.Info("Nobody is signed in.");
                    break;
                }

                var now = context.Clock.GetUtcNow();
                context.Console.Table(
                    ["Name", "User", "Role", new("Scope", 1), new("Since", 2), new("Ends", 1), new("Ready", 3)],
                    [.. sessions.Items.Select(session => new[]
                    {
                        session.Name,
                        session.Username,
                        session.Role,
                        session.Namespaces.Count == 0 ? "whole cluster" : string.Join(",", session.Namespaces),
                        RemainingTime.Relative(session.Since - now),
                        RemainingTime.Relative(session.Until - now),
                        session.Provisioned ? "yes" : "no",
                    })]);
                break;
        }

        return ExitCode.Success;
    }
}

/// <summary><c>tka sessions end NAME</c>: ends somebody's session now.</summary>
internal sealed class SessionsEndCommand : CliCommand
{
    private readonly Argument<string> _name = new("name") { Description = "The session's name, as tka sessions lists it." };
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();

    public SessionsEndCommand()
        : base("end", "End a session now (for admins).")
    {
        Arguments.Add(_name);
        Options.Add(_cluster);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var name = context.Parse.GetRequiredValue(_name);
        using var client = context.CreateClient(await context.ResolveServerAsync(context.Parse.GetValue(_cluster), cancellationToken));
        await context.Console.WithProgressAsync("Ending the session", async () =>
        {
            await client.EndSessionAsync(name, cancellationToken);
            return true;
        });
        if (context.Console.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            context.Console.WriteValue(new EndedOutput { Name = name }, CliJsonContext.Indented.EndedOutput);
        }
        else if (context.Console.Format == OutputFormat.Name)
        {
            CliConsole.WriteLine(name);
        }
        else
        {
            context.Console.Success($"Ended {name}. Its tokens are refused within 15 s.");
        }

        return ExitCode.Success;
    }
}
