namespace TKA.DevEnvironment.Stack;

/// <summary>The data directory, held by one stack at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(StackFiles files, FileStream @lock) => (Files, _lock) = (files, @lock);

    public StackFiles Files { get; }

    /// <summary>Creates and takes the directory, and removes the env file of a stack that did not end in order.</summary>
    /// <param name="path">The directory; null for the default.</param>
    /// <param name="servers">Whether this is the process of the development servers, whose AppHost holds the directory already.</param>
    /// <exception cref="StackException">It cannot be used, or another stack uses it.</exception>
    public static DataDirectory Open(string? path, bool servers = false)
    {
        var files = new StackFiles(path ?? Path.Combine(Repository.Root ?? Environment.CurrentDirectory, ".tka", "dev"));
        try
        {
            Directory.CreateDirectory(files.Directory);
            // Tokens and an administrator's kubeconfig are in here.
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(files.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StackException($"The data directory {files.Directory} cannot be used: {exception.Message}", exception);
        }

        try
        {
            var @lock = Hold(servers ? files.ServersLock : files.Lock);
            if (!servers)
            {
                Hold(files.ServersLock).Dispose();
            }

            EnvFile.Remove(files);
            return new DataDirectory(files, @lock);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StackException($"Another stack uses {files.Directory}. Stop it, or choose another directory with --data.", exception);
        }
    }

    public void Dispose()
    {
        EnvFile.Remove(Files);
        _lock.Dispose();
    }

    private static FileStream Hold(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
