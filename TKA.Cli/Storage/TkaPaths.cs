using TKA.Cli.Errors;

namespace TKA.Cli.Storage;

/// <summary>Where <c>tka</c> keeps its files: the XDG base directories, on Windows the application data folders.</summary>
internal static class TkaPaths
{
    private static readonly Lazy<bool> HomeIsWritable = new(() => Home is { Length: > 1 } home && Directory.Exists(home) && FileOwner.MayWrite(home));

    /// <summary>Configuration: <c>$XDG_CONFIG_HOME/tka</c> or <c>~/.config/tka</c>.</summary>
    public static string Config => Named("XDG_CONFIG_HOME", Environment.SpecialFolder.ApplicationData) ?? Path.Combine(Home, ".config", "tka");

    /// <summary>
    /// What login wrote, and kubeconfigs with a token: <c>$XDG_STATE_HOME/tka</c> or <c>~/.local/state/tka</c>; without a writable home
    /// directory <c>$XDG_RUNTIME_DIR/tka/state</c> or a private directory among the temporary ones.
    /// </summary>
    public static string State => Named("XDG_STATE_HOME", Environment.SpecialFolder.LocalApplicationData) ?? Base(".local/state", "state");

    /// <summary>Token cache: <c>$XDG_CACHE_HOME/tka</c> or <c>~/.cache/tka</c>; without a writable home directory as <see cref="State"/>.</summary>
    public static string Cache => Named("XDG_CACHE_HOME", Environment.SpecialFolder.LocalApplicationData) ?? Base(".cache", "cache");

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

    /// <summary>The directory a variable names. The specification says to ignore relative paths.</summary>
    private static string? Named(string variable, Environment.SpecialFolder windows) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value && Path.IsPathRooted(value) ? Path.Combine(value, "tka")
        : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(windows), "tka")
        : null;

    private static string Base(string underHome, string name)
    {
        var usual = Path.Combine(Home, underHome, "tka");
        if (HomeIsWritable.Value || Directory.Exists(usual))
        {
            return usual;
        }

        return Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && Path.IsPathRooted(runtime) && FileOwner.MayWrite(runtime)
            ? Path.Combine(runtime, "tka", name)
            : Path.Combine(Temporary(usual), name);
    }

    // Others may write among temporary files: a directory that somebody else made there is not used.
    private static string Temporary(string usual)
    {
        var path = Path.Combine(Path.GetTempPath(), $"tka-{FileOwner.Myself}");
        try
        {
            AtomicFile.CreatePrivateDirectory(path);
        }
        catch (CliException)
        {
            return usual;
        }

        return FileOwner.Of(path) is { } owner && owner.User == FileOwner.Myself && new DirectoryInfo(path).LinkTarget is null ? path : usual;
    }
}
