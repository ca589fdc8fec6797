using System.Text;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Cli.Storage;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;

namespace TKA.Cli.Clusters;

/// <summary>The names that the orchestrator listed last, or without one the tailnet, so that Tab completes them while it is away. Nothing else uses them.</summary>
internal static class KnownClusters
{
    private const int Most = 2000;

    private static string File => Path.Combine(TkaPaths.Cache, "clusters");

    /// <summary>Writes the names, when they differ from those that are known.</summary>
    /// <param name="configuration">Names the orchestrator.</param>
    /// <param name="clusters">The clusters. A name that is no DNS label is left out.</param>
    public static void Remember(CliConfiguration configuration, IEnumerable<Cluster> clusters)
    {
        var source = SourceOf(configuration);
        var names = clusters.Select(cluster => cluster.Name).Where(DnsLabel.IsValid).Take(Most).ToList();
        if (names.SequenceEqual(Recall(source)))
        {
            return;
        }

        try
        {
            AtomicFile.CreatePrivateDirectory(TkaPaths.Cache);
            AtomicFile.Write(File, Encoding.UTF8.GetBytes(string.Join('\n', names.Prepend(source))), UnixFileMode.UserRead | UnixFileMode.UserWrite, ErrorCodes.StateUnwritable);
        }
        catch (CliException)
        {
            // Completion offers fewer names.
        }
    }

    /// <summary>The names that were listed last; empty: none are known.</summary>
    public static IReadOnlyList<string> Recall(CliConfiguration configuration) => Recall(SourceOf(configuration));

    private static IReadOnlyList<string> Recall(string source)
    {
        try
        {
            return System.IO.File.ReadAllLines(File) is [var from, .. var names] && from == source ? [.. names.Where(DnsLabel.IsValid)] : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string SourceOf(CliConfiguration configuration) =>
        configuration[ConfigKey.Orchestrator].Length == 0 ? "tailnet" : ServerAddress.ForOrchestrator(configuration).ToString();
}
