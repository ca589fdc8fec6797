using TKA.Cli.Errors;

namespace TKA.Cli.Storage;

/// <summary>Errors for files that cannot be read or written, in words that say who owns them and what mends it.</summary>
internal static class FileErrors
{
    /// <summary>The error for a file or directory that could not be written.</summary>
    public static CliException NotWritable(string path, string errorCode, Exception error) => IsDiskFull(error)
        ? new CliException(
            ErrorCodes.DiskFull,
            ExitCode.Unusable,
            $"There is no space left to write {path}.",
            ["Free some space and run the command again. Nothing was changed."],
            error)
        : new CliException(
            errorCode,
            ExitCode.Unusable,
            $"{path} cannot be written: {Reason(path, error)}.",
            [Advice(path, errorCode), "Nothing was changed."],
            error);

    /// <summary>Whether a write failed for lack of space.</summary>
    /// <remarks>
    /// ENOSPC, EFBIG (the limit on file sizes, which a FileStream reports as ArgumentOutOfRangeException) and EDQUOT on Unix,
    /// ERROR_DISK_FULL on Windows.
    /// </remarks>
    public static bool IsDiskFull(Exception error) =>
        error is ArgumentOutOfRangeException || (error is IOException && (error.HResult & 0xFFFF) is var code && (OperatingSystem.IsWindows() ? code is 0x70 : code is 28 or 27 || code == (OperatingSystem.IsMacOS() ? 69 : 122)));

    /// <summary>The nearest part of a path that is there and belongs to somebody else; null: none.</summary>
    public static (string Path, string Owner)? Foreign(string path)
    {
        for (var part = path; part is { Length: > 1 }; part = Path.GetDirectoryName(part))
        {
            if (FileOwner.Of(part) is { } owner)
            {
                return owner.User == FileOwner.Myself ? null : (part, FileOwner.NameOf(owner.User));
            }
        }

        return null;
    }

    /// <summary>Whether a file could not be opened because another process has it: EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION.</summary>
    public static bool IsInUse(IOException error) => (error.HResult & 0xFFFF) is var code && code == (OperatingSystem.IsWindows() ? 32 : OperatingSystem.IsMacOS() ? 35 : 11);

    private static string Reason(string path, Exception error) => error switch
    {
        UnauthorizedAccessException => Foreign(path) is { } foreign ? $"{foreign.Path} belongs to {foreign.Owner}" : "permission denied",
        DirectoryNotFoundException => "its directory does not exist",

        // .NET says "Read-only file system : '/path'"; the path is named already.
        _ => error.Message.Split(" : '", 2)[0].TrimEnd('.', ' '),
    };

    private static string Advice(string path, string errorCode) =>
        Foreign(path) is { } foreign && foreign.Path.StartsWith(TkaPaths.Home + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? $"Take it back: sudo chown -R {Environment.UserName} {foreign.Path}"
        : errorCode == ErrorCodes.StateUnwritable ? "Check who owns the file and its directory (ls -ld), or move tka's files with XDG_STATE_HOME and XDG_CACHE_HOME."
        : "Check who owns the file and its directory (ls -ld), or name another one.";
}
