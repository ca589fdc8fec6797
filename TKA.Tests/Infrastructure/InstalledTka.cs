namespace TKA.Tests.Infrastructure;

/// <summary>What <see cref="TestCluster.InstallTkaAsync"/> installed.</summary>
public sealed record InstalledTka(TestCluster Cluster, string SystemNamespace, string SessionsNamespace)
{
    /// <summary>A kubeconfig file for a ServiceAccount of the system namespace, for example <c>tka-operator</c>.</summary>
    public Task<string> KubeconfigForAsync(string serviceAccount, CancellationToken cancellationToken = default) =>
        Cluster.KubeconfigForAsync(SystemNamespace, serviceAccount, cancellationToken);
}
