using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts.Rest;
using Xunit;
using static TKA.Tests.Orchestrator.Answers;
using static TKA.Tests.Orchestrator.OrchestratorServer;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Orchestrator;

/// <summary>Who may register a cluster, and what is checked about it: real HTTP, callers who connect from their devices' addresses.</summary>
public sealed class ClusterRegistrationTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tagged_node_registers_and_a_person_sees_it()
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);
        using var alice = server.ClientFrom(Alice);

        using var created = await RegisterAsync(node, Entry(), Cancellation);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/orchestrator/v1alpha1/clusters/prod-eu", created.Headers.Location?.ToString());
        using var renewed = await RegisterAsync(node, Entry(), Cancellation);
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);

        var seen = Assert.Single(await ListAsync(alice, Cancellation));
        Assert.Equal(("prod-eu", "ready", "registered", "1.2.3"), (seen.Name, seen.Status, seen.Source, seen.Version));
        Assert.Equal(Entry().Labels, seen.Labels);
        Assert.NotNull(seen.LastSeen);
        Assert.Matches("\"last_seen\":\"[0-9T:-]+Z\"", await alice.GetStringAsync(ApiRoutes.Clusters, Cancellation));
        Assert.Equal(seen.Name, (await alice.GetFromJsonAsync<ClusterEntry>($"{ApiRoutes.Clusters}/prod-eu", Cancellation))!.Name);
    }

    [Theory]
    [InlineData(Alice, HttpStatusCode.Forbidden, "not-admin")]
    [InlineData(Carol, HttpStatusCode.Forbidden, "no-rule")]
    [InlineData("127.0.0.99", HttpStatusCode.Forbidden, "unknown-peer")]
    [InlineData(Dave, HttpStatusCode.Created, null)]
    [InlineData(Ci, HttpStatusCode.Created, null)]
    public async Task Registering_needs_a_tag_or_an_admin_rule(string source, HttpStatusCode expected, string? problem)
    {
        await using var server = await StartAsync(Cancellation);
        using var client = server.ClientFrom(source);

        using var response = await RegisterAsync(client, Entry(), Cancellation);

        await AssertAnswerAsync(response, expected, problem);
    }

    [Fact]
    public async Task Only_tags_that_were_named_may_register_when_any_were()
    {
        await using var server = await StartAsync(Cancellation, settings: new() { ["orchestrator:registrarTags:0"] = "tag:tka-cluster" });
        using var ci = server.ClientFrom(Ci);
        using var node = server.ClientFrom(TkaDev);

        using var refused = await RegisterAsync(ci, Entry(), Cancellation);
        await AssertAnswerAsync(refused, HttpStatusCode.Forbidden, "tag-not-allowed");
        using var created = await RegisterAsync(node, Entry(), Cancellation);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
    }

    [Fact]
    public async Task A_name_belongs_to_the_node_that_registered_it_and_to_admins()
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);
        using var ci = server.ClientFrom(Ci);
        using var dave = server.ClientFrom(Dave);
        using var first = await RegisterAsync(node, Entry(), Cancellation);

        using var hijack = await RegisterAsync(ci, Entry() with { TkaEndpoint = "https://evil.tail0dev.ts.net" }, Cancellation);
        await AssertAnswerAsync(hijack, HttpStatusCode.Forbidden, "name-taken");
        using var removal = await ci.DeleteAsync($"{ApiRoutes.Clusters}/prod-eu", Cancellation);
        await AssertAnswerAsync(removal, HttpStatusCode.Forbidden, "name-taken");

        using var byAdmin = await RegisterAsync(dave, Entry() with { Description = "by dave" }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, byAdmin.StatusCode);
        using var byNode = await RegisterAsync(node, Entry(), Cancellation);
        Assert.Equal(HttpStatusCode.OK, byNode.StatusCode);

        using var removed = await dave.DeleteAsync($"{ApiRoutes.Clusters}/prod-eu", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var gone = await dave.GetAsync($"{ApiRoutes.Clusters}/prod-eu", Cancellation);
        await AssertAnswerAsync(gone, HttpStatusCode.NotFound, "no-such-cluster");
        using var again = await dave.DeleteAsync($"{ApiRoutes.Clusters}/prod-eu", Cancellation);
        await AssertAnswerAsync(again, HttpStatusCode.NotFound, "no-such-cluster");
        using var taken = await RegisterAsync(ci, Entry(), Cancellation);
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
    }

    [Fact]
    public async Task A_registration_is_a_lease()
    {
        var time = new FakeTimeProvider(Start);
        await using var server = await StartAsync(Cancellation, time);
        using var node = server.ClientFrom(TkaDev);
        using var ci = server.ClientFrom(Ci);
        using var alice = server.ClientFrom(Alice);
        using var created = await RegisterAsync(node, Entry(), Cancellation);

        time.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal("ready", Assert.Single(await ListAsync(alice, Cancellation)).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("stale", Assert.Single(await ListAsync(alice, Cancellation)).Status);

        using var renewed = await RegisterAsync(node, Entry(), Cancellation);
        Assert.Equal("ready", Assert.Single(await ListAsync(alice, Cancellation)).Status);

        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal("stale", Assert.Single(await ListAsync(alice, Cancellation)).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await ListAsync(alice, Cancellation));

        // The name is free again, for anybody.
        using var reused = await RegisterAsync(ci, Entry(), Cancellation);
        Assert.Equal(HttpStatusCode.Created, reused.StatusCode);
        Assert.Single(await ListAsync(alice, Cancellation));
    }

    [Fact]
    public async Task One_node_cannot_fill_the_registry()
    {
        await using var server = await StartAsync(Cancellation, settings: new() { ["orchestrator:maxClustersPerNode"] = "2" });
        using var ci = server.ClientFrom(Ci);
        using var first = await RegisterAsync(ci, Entry("a"), Cancellation);
        using var second = await RegisterAsync(ci, Entry("b"), Cancellation);

        using var third = await RegisterAsync(ci, Entry("c"), Cancellation);
        await AssertAnswerAsync(third, HttpStatusCode.Forbidden, "too-many-clusters");
        using var renewed = await RegisterAsync(ci, Entry("a"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
    }

    [Theory]
    [InlineData("{", 400, "bad-request")]
    [InlineData("", 400, "bad-request")]
    [InlineData("null", 422, "invalid-cluster")]
    [InlineData("{}", 422, "invalid-cluster")]
    [InlineData("""{"name":7,"api_endpoint":"https://a"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":null,"api_endpoint":"https://a"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"Prod","api_endpoint":"https://a"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod\n","api_endpoint":"https://a"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"a||b","api_endpoint":"https://a"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"http://cluster.example.com"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://user:secret@cluster.example.com"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","tka_endpoint":"javascript:alert(1)"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","tka_endpoint":"file:///etc/passwd"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","description":"\u001b[2J"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","labels":{"a b":"c"}}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","labels":{"a":null}}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","unknown":[1,2]}""", 201, null)]
    public async Task What_is_registered_is_checked(string body, int status, string? problem)
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);

        using var response = await node.PostAsync(ApiRoutes.Clusters, new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);

        await AssertAnswerAsync(response, (HttpStatusCode)status, problem);
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_by_its_type_or_too_large_is_refused()
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);

        using var text = await node.PostAsync(ApiRoutes.Clusters, new StringContent("{}", Encoding.UTF8, "text/plain"), Cancellation);
        await AssertAnswerAsync(text, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        using var large = await node.PostAsync(ApiRoutes.Clusters, new StringContent(new string(' ', 100_000), Encoding.UTF8, "application/json"), Cancellation);
        await AssertAnswerAsync(large, HttpStatusCode.RequestEntityTooLarge, "too-large");
    }

    [Fact]
    public async Task The_caller_cannot_set_what_the_orchestrator_sets()
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);
        using var alice = server.ClientFrom(Alice);

        using var response = await RegisterAsync(
            node, Entry() with { Status = "ready!", Source = "heaven", LastSeen = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero) }, Cancellation);

        var seen = Assert.Single(await ListAsync(alice, Cancellation));
        Assert.Equal(("ready", "registered"), (seen.Status, seen.Source));
        Assert.True(seen.LastSeen < new DateTimeOffset(2098, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task Racing_nodes_get_one_name_once()
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);
        using var ci = server.ClientFrom(Ci);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => RegisterAsync(i % 2 == 0 ? node : ci, Entry(), Cancellation)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Forbidden));
    }
}
