using k8s;
using k8s.Models;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>A cluster with <c>deploy/</c> installed, for the tests of a class that leave it as it is.</summary>
public sealed class InstalledCluster : IAsyncLifetime
{
    public TestCluster Cluster { get; private set; } = null!;

    public InstalledTka Tka { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        Tka = await Cluster.InstallTkaAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Whether RBAC allows a ServiceAccount of TKA's a request, as the cluster itself answers.</summary>
    public async Task<bool> IsAllowedAsync(string account, V1ResourceAttributes request)
    {
        var review = new V1SubjectAccessReview
        {
            Spec = new V1SubjectAccessReviewSpec
            {
                User = $"system:serviceaccount:{Tka.SystemNamespace}:{account}",
                Groups = ["system:serviceaccounts", $"system:serviceaccounts:{Tka.SystemNamespace}", "system:authenticated"],
                ResourceAttributes = request,
            },
        };
        return (await Cluster.Admin.CreateSubjectAccessReviewAsync(review, cancellationToken: TestContext.Current.CancellationToken)).Status.Allowed;
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
