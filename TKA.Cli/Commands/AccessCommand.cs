using System.CommandLine;
using System.Globalization;
using TKA.Cli.Credentials;
using TKA.Cli.Output;
using TKA.Cli.Terminal;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka access</c>: who the tailnet says I am, which rules I have, which one wins and why.</summary>
internal sealed class AccessCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();

    public AccessCommand()
        : base("access", "Show who the tailnet says you are, which rules apply, and which one wins.", "whoami") => Options.Add(_cluster);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var server = await context.ResolveServerAsync(context.Parse.GetValue(_cluster), cancellationToken);
        using var client = context.CreateClient(server);
        var access = await context.Console.WithProgressAsync("Asking the server", () => client.GetAccessAsync(cancellationToken));
        TokenCache.DropOthers(server.ToString(), context.Source?.ToString(), access.Username);
        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(access, CliJsonContext.Indented.AccessResponse);
                break;
            case OutputFormat.Name:
                CliConsole.WriteRaw(string.Concat(access.Rules.Select(rule => rule.Role).Distinct().Select(role => role + "\n")));
                break;
            default:
                Print(context.Console, access);
                break;
        }

        return ExitCode.Success;
    }

    private static void Print(CliConsole console, AccessResponse access)
    {
        console.Summary("A login would give", [
            ("User", access.DisplayName is "" ? access.Username : $"{access.Username} ({access.DisplayName})"),
            ("Device", access.Node),
            ("Role", access.Role),
            ("Scope", Scope(access.Namespaces)),
            ("For", RemainingTime.Length(access.Period)),
            ("Admin", access.Admin ? "yes: may see and end everyone's sessions" : null),
        ]);
        console.Table(
            [new("Wins"), new("Role"), new("Priority", Importance: 2), new("Period"), new("Scope", Importance: 1), new("Admin", Importance: 3), new("Why", Importance: 1)],
            [.. access.Rules.Select(rule => new[]
            {
                rule.Wins ? "yes" : "no",
                rule.Role,
                rule.Priority.ToString(CultureInfo.InvariantCulture),
                GoDuration.Format(rule.Period),
                Scope(rule.Namespaces),
                rule.Admin ? "yes" : "no",
                rule.Why,
            })]);
        foreach (var refusal in access.Rules.Select(rule => rule.Refusal).Where(text => text.Length > 0).Distinct())
        {
            console.Warning($"Role is granted and will not be given: {refusal}");
        }

        if (access.Rules.FirstOrDefault(rule => rule.Role != access.Role && rule.Refusal.Length == 0) is { } other)
        {
            console.NextStep($"Pick another role with: tka login --role {other.Role}");
        }
    }

    private static string Scope(IReadOnlyList<string> namespaces) => namespaces.Count == 0 ? "whole cluster" : string.Join(",", namespaces);
}
