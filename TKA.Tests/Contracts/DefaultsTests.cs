using System.Text.Json;
using TKA.Contracts;
using Xunit;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Contracts;

/// <summary>What another version leaves out has its default, not null: source-generated readers lose initializers of init-only members.</summary>
public sealed class DefaultsTests
{
    [Fact]
    public void A_problem_without_advice_has_none()
    {
        var problem = JsonSerializer.Deserialize("""{"status":500}""", ContractsJsonContext.Default.Problem)!;

        Assert.NotNull(problem.Message);
        Assert.NotNull(problem.Advice);
    }

    [Fact]
    public void A_cluster_of_the_Go_TKA_has_defaults_for_the_rest()
    {
        var list = JsonSerializer.Deserialize("""{"items":[{"name":"a","api_endpoint":"https://a"}]}""", ContractsJsonContext.Default.ClusterList)!;

        var cluster = Assert.Single<ClusterEntry>(list.Items);
        Assert.NotNull(cluster.TkaEndpoint);
        Assert.NotNull(cluster.Description);
        Assert.NotNull(cluster.Version);
        Assert.NotNull(cluster.Labels);
    }
}
