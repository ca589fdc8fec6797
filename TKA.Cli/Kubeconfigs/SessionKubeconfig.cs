using System.Text;
using TKA.Cli.Errors;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;

namespace TKA.Cli.Kubeconfigs;

/// <summary>The kubeconfig files with a token that <c>tka</c> writes for its own sessions.</summary>
internal static class SessionKubeconfig
{
    /// <summary>Writes one, mode 0600, whole or not at all.</summary>
    /// <param name="kubeconfig">Content.</param>
    /// <param name="id">Id of the session's record.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="CliException">It cannot be written.</exception>
    public static string Write(ServerKubeconfig kubeconfig, string id)
    {
        AtomicFile.CreatePrivateDirectory(SessionStore.Kubeconfigs);
        var path = PathFor(kubeconfig.Cluster, id);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(kubeconfig.ToYaml()), AtomicFile.Private, ErrorCodes.KubeconfigUnwritable);
        return path;
    }

    /// <summary>Checks that one could be written, before a session is asked for that could not be used.</summary>
    /// <exception cref="CliException">It could not.</exception>
    public static void EnsureWritable()
    {
        AtomicFile.CreatePrivateDirectory(SessionStore.Kubeconfigs);
        var probe = Path.Combine(SessionStore.Kubeconfigs, $".probe-{Environment.ProcessId}");
        AtomicFile.Write(probe, "x"u8, AtomicFile.Private, ErrorCodes.KubeconfigUnwritable);
        AtomicFile.TryDelete(probe);
    }

    private static string PathFor(string cluster, string id)
    {
        // The cluster's name comes over the network: only a harmless part of it gets into a path.
        var slug = new string([.. cluster.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(40)]);
        return Path.Combine(SessionStore.Kubeconfigs, $"{(slug is "" ? "cluster" : slug)}-{id[(id.IndexOf('-', StringComparison.Ordinal) + 1)..]}.yaml");
    }
}
