using System.Net;
using System.Net.Http.Json;
using TKA.Contracts.Rest;
using Xunit;
using static TKA.Tests.Orchestrator.Answers;
using static TKA.Tests.Orchestrator.OrchestratorServer;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Orchestrator;

/// <summary>Which clusters a caller sees.</summary>
public sealed class ClusterListTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Carol, "no-rule")]
    [InlineData(TkaDev, "no-rule")]
    [InlineData("127.0.0.99", "unknown-peer")]
    public async Task Reading_needs_a_rule(string source, string problem)
    {
        await using var server = await StartAsync(Cancellation);
        using var client = server.ClientFrom(source);

        using var list = await client.GetAsync(ApiRoutes.Clusters, Cancellation);
        await AssertAnswerAsync(list, HttpStatusCode.Forbidden, problem);
        using var one = await client.GetAsync($"{ApiRoutes.Clusters}/prod-eu", Cancellation);
        await AssertAnswerAsync(one, HttpStatusCode.Forbidden, problem);
    }

    [Theory]
    [InlineData("env=prod", "a,c")]
    [InlineData("env=prod,region=eu", "a")]
    [InlineData("region notin (eu)", "b,c,d")]
    [InlineData("!region", "d")]
    [InlineData("", "a,b,c,d")]
    public async Task Lists_can_be_narrowed_by_labels(string selector, string expected)
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);
        using var alice = server.ClientFrom(Alice);
        (string Name, Dictionary<string, string> Labels)[] clusters =
        [
            ("a", new() { ["env"] = "prod", ["region"] = "eu" }),
            ("b", new() { ["env"] = "dev", ["region"] = "us" }),
            ("c", new() { ["env"] = "prod", ["region"] = "us" }),
            ("d", []),
        ];
        foreach (var (name, labels) in clusters)
        {
            using var response = await RegisterAsync(node, Entry(name) with { Labels = labels }, Cancellation);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }

        Assert.Equal(expected, string.Join(',', (await ListAsync(alice, Cancellation, selector)).Select(cluster => cluster.Name)));
    }

    [Fact]
    public async Task A_selector_that_is_none_is_told_with_its_place()
    {
        await using var server = await StartAsync(Cancellation);
        using var alice = server.ClientFrom(Alice);

        using var response = await alice.GetAsync($"{ApiRoutes.Clusters}?label_selector=env%20in%20prod", Cancellation);

        var problem = await AssertAnswerAsync(response, HttpStatusCode.BadRequest, "label-selector");
        Assert.Contains("position 8", problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Racing_clusters_all_get_into_the_list()
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);
        using var alice = server.ClientFrom(Alice);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => RegisterAsync(node, Entry($"c{i}"), Cancellation)));

        Assert.Equal(8, (await ListAsync(alice, Cancellation)).Count);
    }

    [Fact]
    public async Task Clusters_that_have_not_registered_are_found_on_the_tailnet()
    {
        await using var server = await StartAsync(Cancellation, settings: new() { ["orchestrator:clusterTag"] = "tag:tka-cluster" });
        using var alice = server.ClientFrom(Alice);
        using var node = server.ClientFrom(TkaDev);

        var found = Assert.Single(await ListAsync(alice, Cancellation));
        Assert.Equal(("tka-dev", "tailnet", "ready", "https://tka-dev.tail0dev.ts.net"), (found.Name, found.Source, found.Status, found.TkaEndpoint));
        Assert.Equal("tailnet", (await alice.GetFromJsonAsync<ClusterEntry>($"{ApiRoutes.Clusters}/tka-dev", Cancellation))!.Source);

        using var created = await RegisterAsync(node, Entry(), Cancellation);
        Assert.Equal("registered", Assert.Single(await ListAsync(alice, Cancellation)).Source);
    }
}
