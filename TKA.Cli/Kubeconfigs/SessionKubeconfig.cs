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
    /// <param name="record">The session; its context gives the name of the one in the file.</param>
    /// <returns>The file's path: that of the record when it has one.</returns>
    /// <exception cref="CliException">It cannot be written.</exception>
    public static string Write(ServerKubeconfig kubeconfig, SessionRecord record)
    {
        AtomicFile.CreatePrivateDirectory(SessionStore.Kubeconfigs);
        var path = record.Kubeconfig ?? PathFor(record);
        var content = (kubeconfig with { Context = MergedContext.DefaultName(record.Cluster, record.RoleKey) }).ToYaml();
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(content), AtomicFile.Private, ErrorCodes.KubeconfigUnwritable);
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

    private static string PathFor(SessionRecord record)
    {
        // The names come over the network: only a harmless part of them gets into a path.
        var slug = new string([.. $"{record.Cluster}-{record.RoleKey}".TrimEnd('-').Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.').Take(60)]).TrimStart('.');
        return Path.Combine(SessionStore.Kubeconfigs, $"{(slug is "" ? "cluster" : slug)}-{record.Id[(record.Id.IndexOf('-', StringComparison.Ordinal) + 1)..]}.yaml");
    }
}
