using System.Runtime.Versioning;

namespace TKA.Cli.Storage;

/// <summary>Writes files so that a reader, or a crash, sees the old content or the new and never a part.</summary>
internal static class AtomicFile
{
    /// <summary>Mode of files with secrets: the owner reads and writes.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode PrivateDirectory = Private | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>
    /// Replaces a file. Of one that is there, owner, group, mode, access list and links stay: where a new file cannot have them, or cannot take
    /// the old one's place (a bind mount), the old one is written in place, with its content kept beside it until the new is on disk.
    /// </summary>
    /// <param name="path">The file; its directory must exist. A symbolic link stays one: its target is replaced.</param>
    /// <param name="content">New content.</param>
    /// <param name="mode">Mode of a file that is not there yet.</param>
    /// <param name="errorCode">Name of the error when the file cannot be written.</param>
    /// <exception cref="Errors.CliException">Not writable, or the disk is full. The old file is untouched.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, string errorCode)
    {
        var target = ResolveLink(path);
        try
        {
            var exists = File.Exists(target);
            if (exists && !OperatingSystem.IsWindows())
            {
                mode = File.GetUnixFileMode(target);
            }

            var owner = exists ? FileOwner.Of(target) : null;
            if ((owner is { Links: > 1 } || (exists && FileOwner.HasAccessList(target)) || !TryReplace(target, content, mode, owner)) && exists)
            {
                InPlaceFile.Write(target, content);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw FileErrors.NotWritable(path, errorCode, exception);
        }
    }

    /// <summary>
    /// Makes a directory only its owner can enter, and takes others' rights from one that is there. One of somebody else is not used: whoever
    /// owns it, or may write in it, could have put files there that secrets would be written into.
    /// </summary>
    /// <exception cref="Errors.CliException">It cannot be made, or belongs to somebody else.</exception>
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
                if (!FileOwner.IsTrusted(path))
                {
                    throw new UnauthorizedAccessException();
                }

                CloseToOthers(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.NotWritable(path, Errors.ErrorCodes.StateUnwritable, exception);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void CloseToOthers(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & OthersWrite) == 0)
        {
            return;
        }

        try
        {
            File.SetUnixFileMode(path, mode & ~OthersWrite);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file system without modes.
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
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Path.GetFullPath(path);
        }
    }

    /// <summary>Puts a new file in the old one's place.</summary>
    /// <returns>False: a new file cannot be as the old one is, or the place cannot be taken, and a file is there to be written in place.</returns>
    private static bool TryReplace(string target, ReadOnlySpan<byte> content, UnixFileMode mode, FileOwner? owner)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            InPlaceFile.Create(temporary, content, mode);
            if (owner is { } theirs && FileOwner.Of(temporary) is { } ours && (ours.User != theirs.User || ours.Group != theirs.Group) && !theirs.TryGiveTo(temporary))
            {
                TryDelete(temporary);
                return false;
            }

            if (owner is not null && !OperatingSystem.IsWindows())
            {
                // The umask took bits away at creation, and a change of the owner others.
                File.SetUnixFileMode(temporary, mode);
            }

            File.Move(temporary, target, overwrite: true);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && !FileErrors.IsDiskFull(exception) && File.Exists(target))
        {
            TryDelete(temporary);
            return false;
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }
}
