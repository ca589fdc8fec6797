using System.CommandLine;
using TKA.Cli.Errors;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary>Flags of the commands that sign in.</summary>
internal sealed class SessionOptions
{
    /// <summary>Role.</summary>
    public Option<string> Role { get; } = new("--role") { Description = "Role to sign in with, one of those granted (tka access).", HelpName = "name" };

    /// <summary>Period.</summary>
    public Option<string> Period { get; } = new("--period") { Description = "Ask for a shorter session than granted, for example 2h.", HelpName = "duration" };

    /// <summary>Cluster.</summary>
    public Option<string> Cluster { get; } = ClusterOption();

    /// <summary>Namespace of the context.</summary>
    public Option<string> Namespace { get; } = new("--namespace", "-n") { Description = "Namespace of the context.", HelpName = "name" };

    /// <summary>The flag that names a cluster.</summary>
    public static Option<string> ClusterOption() => new("--cluster") { Description = "Cluster by the name the orchestrator knows it by (tka clusters).", HelpName = "name" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(Role);
        command.Options.Add(Period);
        command.Options.Add(Cluster);
        command.Options.Add(Namespace);
    }

    /// <summary>What to ask the server for.</summary>
    /// <exception cref="CliException">The period is no duration.</exception>
    public LoginRequest Request(ParseResult parse)
    {
        var period = parse.GetValue(Period);
        if (period is not null && (!GoDuration.TryParse(period, out var value) || value <= TimeSpan.Zero))
        {
            throw new CliException(ErrorCodes.Usage, ExitCode.Usage, $"'{period}' is no duration.", ["Write it like 30m, 2h or 1h30m."]);
        }

        return new LoginRequest { Role = parse.GetValue(Role), Period = period };
    }
}
