using TKA.Cli.Errors;

namespace TKA.Cli.Doctor;

/// <summary>How a check ended.</summary>
internal enum Verdict
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, but deserves attention.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Failed,

    /// <summary>Could not be looked at, or does not matter here.</summary>
    Skipped,
}

/// <summary>What a check found.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="Message">What was found.</param>
/// <param name="Advice">What to do about it.</param>
/// <param name="ExitCode">Exit code of the run when this is the first failure.</param>
internal sealed record Finding(string Name, Verdict Verdict, string Message, string? Advice = null, int ExitCode = Cli.ExitCode.Failure)
{
    /// <summary>The finding for an error that a command would have reported.</summary>
    public static Finding From(string name, CliException error) =>
        new(name, Verdict.Failed, error.Message, error.Advice.Count > 0 ? error.Advice[0] : null, error.ExitCode);
}
