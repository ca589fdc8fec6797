namespace TKA.Cli;

/// <summary>Exit codes of <c>tka</c>. Scripts rely on them: never change one, only add. A child command's own code is passed through instead.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Failed for a reason that none of the others names.</summary>
    public const int Failure = 1;

    /// <summary>Wrong usage: an unknown flag, a value out of range.</summary>
    public const int Usage = 2;

    /// <summary>Not signed in, or the session is over.</summary>
    public const int NotSignedIn = 3;

    /// <summary>Refused by policy: the tailnet or the cluster does not grant it.</summary>
    public const int Refused = 4;

    /// <summary>The server cannot be reached, or cannot serve now.</summary>
    public const int Unreachable = 5;

    /// <summary>Not ready in time.</summary>
    public const int NotReady = 6;

    /// <summary>A configuration or kubeconfig file is unusable.</summary>
    public const int Unusable = 7;

    /// <summary>The command to run was found but cannot be executed, as in POSIX shells.</summary>
    public const int CannotExecute = 126;

    /// <summary>The command to run was not found, as in POSIX shells.</summary>
    public const int CommandNotFound = 127;

    /// <summary>Interrupted, 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
