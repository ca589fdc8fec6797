using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.Answers;
using static TKA.Tests.Orchestrator.OrchestratorServer;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Orchestrator;

/// <summary>Who may register a cluster, and that only what its own API says is listed (S5, N7, S8): real HTTP, callers who connect from their devices' addresses.</summary>
public sealed class ClusterRegistrationTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_listed_is_what_the_node_s_own_API_says_and_not_what_was_sent()
    {
        await using var server = await StartAsync(Cancellation);
        await using var api = await ClusterApi.StartAsync(TkaDev, "prod-eu", Cancellation);
        using var alice = server.ClientFrom(Alice);

        using var created = await api.RegisterAsync(server, Cancellation, entry => entry with
        {
            Name = "somebody-else",
            ApiEndpoint = "https://evil.example.com",
            Description = "lies",
            Status = "ready!",
            Source = "heaven",
            LastSeen = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero),
        });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/orchestrator/v1alpha1/clusters/prod-eu", created.Headers.Location?.ToString());
        using var renewed = await api.RegisterAsync(server, Cancellation);
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);

        var seen = Assert.Single(await ListAsync(alice, Cancellation));
        Assert.Equal(("prod-eu", "ready", "registered", "1.2.3", "Cluster prod-eu"), (seen.Name, seen.Status, seen.Source, seen.Version, seen.Description));
        Assert.Equal("https://prod-eu.example.com:6443", seen.ApiEndpoint);
        Assert.Equal($"http://tka-dev.tail0dev.ts.net:{api.Port}", seen.TkaEndpoint);
        Assert.Equal(api.Info.Labels, seen.Labels);
        Assert.True(seen.LastSeen < new DateTimeOffset(2098, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(seen.Name, (await alice.GetFromJsonAsync<ClusterEntry>($"{ApiRoutes.Clusters}/prod-eu", Cancellation))!.Name);
    }

    [Theory]
    [InlineData(Alice, HttpStatusCode.Forbidden, "not-admin")]
    [InlineData(Carol, HttpStatusCode.Forbidden, "no-rule")]
    [InlineData("127.0.0.99", HttpStatusCode.Forbidden, "unknown-peer")]
    [InlineData(Ci, HttpStatusCode.Forbidden, "tag-not-allowed")]
    [InlineData(Dave, HttpStatusCode.UnprocessableEntity, "not-a-cluster")]
    [InlineData(TkaDev, HttpStatusCode.UnprocessableEntity, "not-a-cluster")]
    public async Task Registering_needs_the_cluster_tag_or_an_admin_rule_and_an_API_to_look_at(string source, HttpStatusCode expected, string problem)
    {
        await using var server = await StartAsync(Cancellation);
        using var client = server.ClientFrom(source);

        using var response = await RegisterAsync(client, Entry() with { TkaEndpoint = "http://x:1" }, Cancellation);

        await AssertAnswerAsync(response, expected, problem);
    }

    [Fact]
    public async Task A_heartbeat_that_says_nothing_new_costs_no_look()
    {
        await using var server = await StartAsync(Cancellation);
        await using var api = await ClusterApi.StartAsync(TkaTwo, "a", Cancellation);

        for (var i = 0; i < 5; i++)
        {
            using var answer = await api.RegisterAsync(server, Cancellation);
            Assert.True(answer.IsSuccessStatusCode);
        }

        var looks = api.Asked;
        using var changed = await api.RegisterAsync(server, Cancellation, entry => entry with { Version = "2" });
        Assert.True(looks <= 2 && api.Asked > looks, $"{looks}, then {api.Asked}");
    }

    [Fact]
    public async Task A_name_that_another_installation_holds_is_refused_and_both_are_told()
    {
        var time = new FakeTimeProvider(Start);
        await using var server = await StartAsync(Cancellation, time);
        await using var holder = await ClusterApi.StartAsync(TkaDev, "prod-eu", Cancellation);
        await using var other = await ClusterApi.StartAsync(TkaTwo, "prod-eu", Cancellation, "another");
        using var first = await holder.RegisterAsync(server, Cancellation);

        using var refused = await other.RegisterAsync(server, Cancellation);
        var problem = await AssertAnswerAsync(refused, HttpStatusCode.Forbidden, "name-taken");
        Assert.Contains("tka-dev", problem!.Detail, StringComparison.Ordinal);
        using var told = await holder.RegisterAsync(server, Cancellation);
        Assert.Contains("tka-two", (await told.Content.ReadFromJsonAsync<ClusterEntry>(Cancellation))!.Conflict, StringComparison.Ordinal);

        time.Advance(TimeSpan.FromSeconds(91));
        using var taken = await other.RegisterAsync(server, Cancellation);
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
    }

    [Fact]
    public async Task A_node_that_comes_back_as_another_is_the_same_cluster()
    {
        await using var server = await StartAsync(Cancellation);
        await using var before = await ClusterApi.StartAsync(TkaDev, "prod-eu", Cancellation, "one");
        await using var after = await ClusterApi.StartAsync(TkaTwo, "prod-eu", Cancellation, "one");
        using var first = await before.RegisterAsync(server, Cancellation);

        using var second = await after.RegisterAsync(server, Cancellation);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Fact]
    public async Task A_cluster_goes_with_the_last_of_its_nodes_and_not_while_one_still_serves()
    {
        await using var server = await StartAsync(Cancellation);
        await using var one = await ClusterApi.StartAsync(TkaDev, "prod-eu", Cancellation, "id");
        await using var two = await ClusterApi.StartAsync(TkaTwo, "prod-eu", Cancellation, "id");
        using var alice = server.ClientFrom(Alice);
        using var first = await one.RegisterAsync(server, Cancellation);
        using var second = await two.RegisterAsync(server, Cancellation);

        await one.StopAsync(Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, await one.LeaveAsync(server, Cancellation));
        Assert.Single(await ListAsync(alice, Cancellation));
        Assert.Equal(HttpStatusCode.Conflict, await two.LeaveAsync(server, Cancellation));
        await two.StopAsync(Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, await two.LeaveAsync(server, Cancellation));
        Assert.Empty(await ListAsync(alice, Cancellation));
    }

    [Fact]
    public async Task Only_an_admin_removes_another_s_cluster()
    {
        await using var server = await StartAsync(Cancellation);
        await using var api = await ClusterApi.StartAsync(TkaDev, "prod-eu", Cancellation);
        using var other = server.ClientFrom(TkaTwo);
        using var dave = server.ClientFrom(Dave);
        using var created = await api.RegisterAsync(server, Cancellation);

        using var refused = await other.DeleteAsync($"{ApiRoutes.Clusters}/prod-eu", Cancellation);
        await AssertAnswerAsync(refused, HttpStatusCode.Forbidden, "name-taken");
        using var removed = await dave.DeleteAsync($"{ApiRoutes.Clusters}/prod-eu", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var again = await dave.DeleteAsync($"{ApiRoutes.Clusters}/prod-eu", Cancellation);
        await AssertAnswerAsync(again, HttpStatusCode.NotFound, "no-such-cluster");
    }

    [Fact]
    public async Task A_renamed_cluster_leaves_its_old_name()
    {
        await using var server = await StartAsync(Cancellation);
        await using var api = await ClusterApi.StartAsync(TkaDev, "old", Cancellation, "id");
        using var alice = server.ClientFrom(Alice);
        using var first = await api.RegisterAsync(server, Cancellation);
        api.Info = api.Info with { Name = "new" };
        using var second = await api.RegisterAsync(server, Cancellation);

        Assert.Equal("new", Assert.Single(await ListAsync(alice, Cancellation)).Name);
    }

    [Fact]
    public async Task A_registration_is_a_lease()
    {
        var time = new FakeTimeProvider(Start);
        await using var server = await StartAsync(Cancellation, time);
        await using var api = await ClusterApi.StartAsync(TkaDev, "prod-eu", Cancellation);
        using var alice = server.ClientFrom(Alice);
        using var created = await api.RegisterAsync(server, Cancellation);

        Assert.Equal("ready", Assert.Single(await ListAsync(alice, Cancellation)).Status);
        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(91), async () => Assert.Single(await ListAsync(alice, Cancellation)).Status == "stale");
        using var renewed = await api.RegisterAsync(server, Cancellation);
        Assert.Equal("ready", Assert.Single(await ListAsync(alice, Cancellation)).Status);
        await AdvanceUntilAsync(time, TimeSpan.FromHours(25), async () => (await ListAsync(alice, Cancellation)).Count == 0);
    }

    [Theory]
    [InlineData("{", 400, "bad-request")]
    [InlineData("", 400, "bad-request")]
    [InlineData("null", 422, "invalid-cluster")]
    [InlineData("{}", 422, "invalid-cluster")]
    [InlineData("""{"name":7,"api_endpoint":"https://a"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"Prod","api_endpoint":"https://a"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"a||b","api_endpoint":"https://a"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"http://cluster.example.com"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","tka_endpoint":"javascript:alert(1)"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","description":"\u001b[2J"}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","labels":{"a b":"c"}}""", 422, "invalid-cluster")]
    [InlineData("""{"name":"prod","api_endpoint":"https://a","labels":{"a":null}}""", 422, "invalid-cluster")]
    public async Task What_is_sent_is_checked(string body, int status, string problem)
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
    public async Task Racing_installations_get_one_name_once()
    {
        await using var server = await StartAsync(Cancellation);
        await using var one = await ClusterApi.StartAsync(TkaDev, "prod-eu", Cancellation, "one");
        await using var two = await ClusterApi.StartAsync(TkaTwo, "prod-eu", Cancellation, "two");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? one : two).RegisterAsync(server, Cancellation)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Forbidden));
    }

    private static async Task AdvanceUntilAsync(FakeTimeProvider time, TimeSpan by, Func<Task<bool>> condition)
    {
        time.Advance(by);
        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return await condition();
            },
            $"{by} later");
    }
}
