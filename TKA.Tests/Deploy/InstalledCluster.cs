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

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
