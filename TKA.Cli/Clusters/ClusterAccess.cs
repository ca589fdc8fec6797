using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Errors;
using TKA.Contracts.Orchestrator;

namespace TKA.Cli.Clusters;

/// <summary>What a person may do at a cluster, as its own API says: no other component can ask that in a person's name.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Role">Role of a login there; null: none granted, or not known.</param>
/// <param name="IsReachable">Whether its API answered; null: it was not asked.</param>
/// <param name="Problem">Why <paramref name="Role"/> is null, for people.</param>
internal sealed record ClusterAccess(Cluster Cluster, string? Role, bool? IsReachable, string? Problem)
{
    private const int AtOnce = 32;
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(6);

    /// <summary>Asks all clusters at once. One that does not answer within 2 s is unreachable; after 6 s what is missing stays unknown.</summary>
    public static async Task<IReadOnlyList<ClusterAccess>> AskAsync(CommandContext context, IReadOnlyList<Cluster> clusters, CancellationToken cancellationToken)
    {
        var answers = clusters.Select(cluster => new ClusterAccess(cluster, null, null, "It was not asked: other clusters took too long.")).ToArray();
        using var deadline = new CancellationTokenSource(Together, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await Parallel.ForAsync(
                0,
                answers.Length,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = either.Token },
                async (i, token) => answers[i] = await AskAsync(context, clusters[i], token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The others have answered, and are shown.
        }

        return answers;
    }

    private static async Task<ClusterAccess> AskAsync(CommandContext context, Cluster cluster, CancellationToken cancellationToken)
    {
        if (ClusterDirectory.ServerOf(cluster) is not { } server)
        {
            return new ClusterAccess(cluster, null, null, "It has no TKA server to sign in at.");
        }

        using var client = new TkaClient(context.CreateTransport(server), context.Clock, Each);
        try
        {
            return new ClusterAccess(cluster, (await client.GetAccessAsync(cancellationToken)).Role, true, null);
        }
        catch (CliException exception)
        {
            return new ClusterAccess(cluster, null, exception.ExitCode == ExitCode.Refused, exception.Message);
        }
    }
}
