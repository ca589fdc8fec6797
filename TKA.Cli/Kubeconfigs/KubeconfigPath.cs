using TKA.Cli.Errors;
using TKA.Cli.Storage;

namespace TKA.Cli.Kubeconfigs;

/// <summary>Which kubeconfig is the user's own.</summary>
internal static class KubeconfigPath
{
    /// <summary>The file kubectl would write to: the named one; of <c>$KUBECONFIG</c> the first there is, else the last; <c>~/.kube/config</c>.</summary>
    /// <remarks>As client-go's GetDefaultFilename does, but files of TKA's own sessions do not count: they vanish with the session.</remarks>
    public static string ForUser(string? named)
    {
        if (named is not null)
        {
            return TkaPaths.Absolute(named, ErrorCodes.KubeconfigInvalid);
        }

        var listed = (Environment.GetEnvironmentVariable("KUBECONFIG") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(path => TkaPaths.Absolute(path, ErrorCodes.KubeconfigInvalid))
            .Where(path => !path.StartsWith(TkaPaths.State + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .ToList();
        return listed.Find(File.Exists)
            ?? listed.LastOrDefault()
            ?? Path.Combine(TkaPaths.Home, ".kube", "config");
    }
}
