namespace TKA.DevEnvironment.Stack;

/// <summary>A cluster of a stack beyond the first.</summary>
/// <param name="Number">Its number, from 2.</param>
/// <param name="Server">Its API.</param>
/// <param name="AdminKubeconfig">Path of the kubeconfig of its administrator.</param>
internal sealed record FurtherCluster(int Number, Uri Server, string AdminKubeconfig)
{
    /// <summary>All of a stack.</summary>
    public static IReadOnlyList<FurtherCluster> Of(CommandLine options, StackFiles files) =>
    [
        .. Enumerable.Range(2, options.Clusters - 1).Select(number =>
            new FurtherCluster(number, new StackAddresses(options.Ports, null, number).Server, files.OfCluster(number).AdminKubeconfig)),
    ];
}
