
namespace TKA.DevEnvironment.Stack;

/// <summary>The data directory, held by one stack at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(StackFiles files, FileStream @lock) => (Files, _lock) = (files, @lock);

    public StackFiles Files { get; }

    /// <summary>Creates and takes the directory, and removes the env file of a stack that did not end in order.</summary>
    /// <exception cref="StackException">It cannot be used, or another stack uses it.</exception>
    public static DataDirectory Open(string? path)
    {
        var files = new StackFiles(path ?? Default());
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
            var @lock = new FileStream(files.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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

    /// <summary><c>.tka/dev</c> in the repository, wherever in it the program is started; outside of one, here.</summary>
    private static string Default()
    {
        var root = new DirectoryInfo(Environment.CurrentDirectory);
        for (var directory = root; directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "TKA.sln")))
            {
                return Path.Combine(directory.FullName, ".tka", "dev");
            }
        }

        return Path.Combine(root.FullName, ".tka", "dev");
    }
}
