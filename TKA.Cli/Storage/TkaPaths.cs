using TKA.Cli.Errors;

namespace TKA.Cli.Storage;

/// <summary>Where <c>tka</c> keeps its files: the XDG base directories, on Windows the application data folders.</summary>
internal static class TkaPaths
{
    /// <summary>Configuration: <c>$XDG_CONFIG_HOME/tka</c> or <c>~/.config/tka</c>.</summary>
    public static string Config => Base("XDG_CONFIG_HOME", ".config", Environment.SpecialFolder.ApplicationData);

    /// <summary>What login wrote, and kubeconfigs with a token: <c>$XDG_STATE_HOME/tka</c> or <c>~/.local/state/tka</c>.</summary>
    public static string State => Base("XDG_STATE_HOME", ".local/state", Environment.SpecialFolder.LocalApplicationData);

    /// <summary>Token cache: <c>$XDG_CACHE_HOME/tka</c> or <c>~/.cache/tka</c>.</summary>
    public static string Cache => Base("XDG_CACHE_HOME", ".cache", Environment.SpecialFolder.LocalApplicationData);

    /// <summary>Home directory, empty when there is none.</summary>
    public static string Home =>
        Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>The full path of a file that a user named.</summary>
    /// <param name="path">As given.</param>
    /// <param name="errorCode">Name of the error when the path is relative and there is nothing it could be relative to.</param>
    /// <exception cref="CliException">The current directory was deleted.</exception>
    public static string Absolute(string path, string errorCode)
    {
        try
        {
            return Path.GetFullPath(path);
        }
        catch (IOException exception)
        {
            throw new CliException(
                errorCode,
                ExitCode.Unusable,
                $"{path} cannot be found: the current directory does not exist any more.",
                ["Change to a directory that exists, or give the full path."],
                exception);
        }
    }

    /// <summary>The path with a leading home directory written as <c>~</c>, for people.</summary>
    public static string ForPeople(string path) =>
        Home is { Length: > 1 } home && path.StartsWith(home + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? "~" + path[home.Length..] : path;

    private static string Base(string variable, string underHome, Environment.SpecialFolder windows)
    {
        // The specification says to ignore relative paths.
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value && Path.IsPathRooted(value))
        {
            return Path.Combine(value, "tka");
        }

        return OperatingSystem.IsWindows()
            ? Path.Combine(Environment.GetFolderPath(windows), "tka")
            : Path.Combine(Home, underHome, "tka");
    }
}
