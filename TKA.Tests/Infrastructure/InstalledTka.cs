namespace TKA.Tests.Infrastructure;

/// <summary>What <see cref="TestCluster.InstallTkaAsync"/> installed.</summary>
public sealed record InstalledTka(TestCluster Cluster, string SystemNamespace, string SessionsNamespace)
{
    /// <summary>What a real cluster's installation has after each cluster-wide name; empty in the embedded one.</summary>
    public string Suffix => SystemNamespace["tka-system".Length..];

    /// <summary>Name here of a cluster-scoped object of <c>deploy/</c>.</summary>
    public string ClusterName(string name) => name + Suffix;

    /// <summary>A kubeconfig file for a ServiceAccount of the system namespace, for example <c>tka-operator</c>.</summary>
    public Task<string> KubeconfigForAsync(string serviceAccount, CancellationToken cancellationToken = default) =>
        Cluster.KubeconfigForAsync(SystemNamespace, serviceAccount, cancellationToken);
}
