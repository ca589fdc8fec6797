using TKA.Cli.Errors;

namespace TKA.Cli.Storage;

/// <summary>Writes files so that a reader, or a crash, sees the old content or the new and never a part.</summary>
internal static class AtomicFile
{
    /// <summary>Mode of files with secrets: the owner reads and writes.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode PrivateDirectory = Private | UnixFileMode.UserExecute;

    /// <summary>Replaces a file. A symbolic link stays one: its target is replaced.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <param name="content">New content.</param>
    /// <param name="mode">Mode of the new file.</param>
    /// <param name="errorCode">Name of the error when the file cannot be written.</param>
    /// <exception cref="CliException">Not writable, or the disk is full. The old file is untouched.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, string errorCode)
    {
        var target = ResolveLink(path);
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = mode;
            }

            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            TryDelete(temporary);
            throw NotWritable(path, errorCode, exception);
        }
    }

    /// <summary>Makes a directory only its owner can enter.</summary>
    /// <exception cref="CliException">It cannot be made.</exception>
    public static void CreatePrivateDirectory(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, PrivateDirectory);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, ErrorCodes.StateUnwritable, exception);
        }
    }

    /// <summary>Deletes a file if it is there. A failure is no error: the caller has nothing better to do.</summary>
    public static bool TryDelete(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return false;
            }

            File.Delete(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The file a path leads to, through symbolic links.</summary>
    public static string ResolveLink(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        }
        catch (IOException)
        {
            return Path.GetFullPath(path);
        }
    }

    /// <summary>The error for a file that could not be written.</summary>
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
            $"{path} cannot be written: {Reason(error)}.",
            ["Check who owns the file and its directory (ls -ld), or name another one.", "Nothing was changed."],
            error);

    private static string Reason(Exception error) => error switch
    {
        UnauthorizedAccessException => "permission denied",
        DirectoryNotFoundException => "its directory does not exist",
        // ".NET says: Read-only file system : '/path'" - the path is named already.
        _ => error.Message.Split(" : '", 2)[0].TrimEnd('.', ' '),
    };

    /// <summary>Whether a write failed for lack of space.</summary>
    /// <remarks>
    /// ENOSPC, EFBIG (the limit on file sizes, which a FileStream reports as ArgumentOutOfRangeException) and EDQUOT on Unix,
    /// ERROR_DISK_FULL on Windows.
    /// </remarks>
    public static bool IsDiskFull(Exception error) =>
        error is ArgumentOutOfRangeException || (error is IOException && (error.HResult & 0xFFFF) is var code && (OperatingSystem.IsWindows() ? code is 0x70 : code is 28 or 27 || code == (OperatingSystem.IsMacOS() ? 69 : 122)));
}
