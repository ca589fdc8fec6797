using System.CommandLine;
using TKA.Cli.Errors;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary>Flags of the commands that sign in.</summary>
internal sealed class SessionOptions
{
    // docs/rest-api.md: a shorter period is answered 422.
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMinutes(10);

    /// <summary>Requested role; none: the base session.</summary>
    public Option<string> Role { get; } = new("--role") { Description = "Role to sign in with, one of those granted (tka access); another than the base session's is a session beside it.", HelpName = "name" };

    /// <summary>Requested period, a Go duration.</summary>
    public Option<string> Period { get; } = new("--period") { Description = "Ask for a shorter session than granted, for example 2h.", HelpName = "duration" };

    /// <summary>Cluster by the orchestrator's name for it.</summary>
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

        if (period is not null && GoDuration.Parse(period) < ShortestPeriod)
        {
            throw new CliException(ErrorCodes.Usage, ExitCode.Usage, $"The period {period} is too short.", [$"The shortest is {GoDuration.Format(ShortestPeriod)}; tka logout ends a session sooner."]);
        }

        return new LoginRequest { Role = parse.GetValue(Role), Period = period };
    }
}
