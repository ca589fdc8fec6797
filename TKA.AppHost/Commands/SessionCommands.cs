using System.Globalization;
using System.Text;
using TKA.AppHost.Composition;
using TKA.Contracts.Rest;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Commands;

/// <summary>Commands of the API: what people of the embedded tailnet do with <c>tka</c>.</summary>
internal static class SessionCommands
{
    /// <summary>Adds the commands.</summary>
    public static void WithSessionCommands(this IResourceBuilder<ProjectResource> api, TkaDevEnvironment dev)
    {
        var (files, server) = (dev.Launch.Files, new StackAddresses(dev.Ports).Server);
        api
            .WithTkaCommand(
                "sign-in",
                "Sign in",
                "PersonAdd",
                async context =>
                {
                    using var person = Person.Find(context.Arguments.GetString(CommandExtensions.PersonArgument)!, files, server);
                    var role = context.Arguments.GetString(CommandExtensions.RoleArgument);
                    var session = await person.SignInAsync(string.IsNullOrWhiteSpace(role) ? null : role, context.CancellationToken);
                    return CommandResults.Success(Invariant($"{session.Username} has {session.Role} until {session.Until:HH:mm:ss} UTC."));
                },
                new CommandOptions
                {
                    Description = "Signs a person of the embedded tailnet in, as `tka login` does.",
                    IsHighlighted = true,
                    Arguments =
                    [
                        CommandExtensions.PersonInput(),
                        new InteractionInput
                        {
                            Name = CommandExtensions.RoleArgument,
                            Label = "Role",
                            Description = "Empty: the role that the grant puts first.",
                            InputType = InputType.Text,
                        },
                    ],
                })
            .WithTkaCommand(
                "sessions",
                "Show sessions",
                "People",
                async context =>
                {
                    using var admin = Person.Find(Person.Admin, files, server);
                    var sessions = await admin.SessionsAsync(context.CancellationToken);
                    return CommandResults.Success($"{sessions.Count} sessions", Table(sessions), CommandResultFormat.Markdown, displayImmediately: true);
                },
                new CommandOptions { Description = $"Who has access now, as {Person.Admin} sees it." })
            .WithTkaCommand(
                "end-sessions",
                "End all sessions",
                "PeopleProhibited",
                async context =>
                {
                    using var admin = Person.Find(Person.Admin, files, server);
                    var sessions = await admin.SessionsAsync(context.CancellationToken);
                    foreach (var session in sessions)
                    {
                        await admin.EndAsync(session.Name, context.CancellationToken);
                    }

                    return CommandResults.Success($"{sessions.Count} sessions ended.");
                },
                new CommandOptions { Description = $"Ends the sessions of all people, as {Person.Admin} may.", ConfirmationMessage = "End the sessions of all people?" });
    }

    private static string Table(IReadOnlyList<SessionItem> sessions)
    {
        if (sessions.Count == 0)
        {
            return "Nobody is signed in.";
        }

        var table = new StringBuilder("| Person | Role | Namespaces | Until (UTC) | Ready | Session |\n|---|---|---|---|---|---|\n");
        foreach (var session in sessions)
        {
            var namespaces = session.Namespaces.Count == 0 ? "all" : string.Join(", ", session.Namespaces);
            table.Append(CultureInfo.InvariantCulture, $"| {session.Username} | {session.Role} | {namespaces} | {session.Until:HH:mm:ss} | {(session.Provisioned ? "yes" : "no")} | {session.Name} |\n");
        }

        return table.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
