namespace TKA.DevEnvironment.Stack;

/// <summary>The repository that a stack is started from.</summary>
internal static class Repository
{
    /// <summary>Its root, wherever in it the program is started; null outside of one.</summary>
    public static string? Root { get; } = Find(Environment.CurrentDirectory);

    private static string? Find(string start)
    {
        for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "TKA.sln")))
            {
                return directory.FullName;
            }
        }

        return null;
    }
}
