namespace TKA.Cli.Storage;

/// <summary>Writes into a file that must stay the same file, and keeps its old content beside it until the new is on disk.</summary>
internal static class InPlaceFile
{
    /// <summary>Replaces the content.</summary>
    /// <param name="path">The file, no symbolic link.</param>
    /// <param name="content">New content.</param>
    /// <exception cref="IOException">It cannot be written, or the disk is full. The old content is back.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        var old = new byte[stream.Length];
        stream.ReadExactly(old);
        var copy = Keep(path, old);
        try
        {
            Fill(stream, content);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The old content had room a moment ago.
            Fill(stream, old);
            AtomicFile.TryDelete(copy);
            throw;
        }

        AtomicFile.TryDelete(copy);
    }

    /// <summary>Makes a file and waits until it is on disk.</summary>
    public static void Create(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using var stream = new FileStream(path, options);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    private static void Fill(FileStream stream, ReadOnlySpan<byte> content)
    {
        stream.Position = 0;
        stream.Write(content);
        stream.SetLength(content.Length);
        stream.Flush(flushToDisk: true);
    }

    // Beside the file, else where temporary files live: the directory of a mounted file may be read-only.
    private static string Keep(string path, byte[] old)
    {
        var name = $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}.old";
        foreach (var directory in (string[])[Path.GetDirectoryName(path)!, Path.GetTempPath()])
        {
            var copy = Path.Combine(directory, name);
            try
            {
                Create(copy, old, AtomicFile.Private);
                return copy;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                AtomicFile.TryDelete(copy);
                if (FileErrors.IsDiskFull(exception))
                {
                    throw;
                }

                // The next place.
            }
        }

        throw new IOException("there is no place to keep its old content");
    }
}
