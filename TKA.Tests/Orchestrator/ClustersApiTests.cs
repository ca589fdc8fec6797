using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.OrchestratorServer;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Orchestrator;

/// <summary>The registry through real HTTP, with callers who connect from their devices' addresses.</summary>
public sealed class ClustersApiTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

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
        var time = new FakeTimeProvider(s_start);
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
    public async Task Without_Dapr_the_answer_is_503_and_it_recovers_by_itself()
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);
        using var alice = server.ClientFrom(Alice);
        using var created = await RegisterAsync(node, Entry(), Cancellation);

        await server.Dapr.DownAsync();
        using (var response = await alice.GetAsync(ApiRoutes.Clusters, Cancellation))
        {
            await AssertAnswerAsync(response, HttpStatusCode.ServiceUnavailable, "state-unavailable");
            Assert.NotNull(response.Headers.RetryAfter);
        }

        using (var response = await RegisterAsync(node, Entry(), Cancellation))
        {
            await AssertAnswerAsync(response, HttpStatusCode.ServiceUnavailable, "state-unavailable");
        }

        await server.Dapr.UpAsync(Cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await alice.GetAsync(ApiRoutes.Clusters, Cancellation);
                return response.StatusCode == HttpStatusCode.OK;
            },
            "the registry answers again");
        Assert.Single(await ListAsync(alice, Cancellation));
    }

    [Theory]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.ResourceExhausted)]
    public async Task Faults_of_Dapr_are_503(StatusCode fault)
    {
        await using var server = await StartAsync(Cancellation);
        using var alice = server.ClientFrom(Alice);
        server.Dapr.Faults.Status = fault;

        using var response = await alice.GetAsync(ApiRoutes.Clusters, Cancellation);

        await AssertAnswerAsync(response, HttpStatusCode.ServiceUnavailable, "state-unavailable");
    }

    [Fact]
    public async Task A_slow_Dapr_is_not_waited_for_for_ever()
    {
        await using var server = await StartAsync(Cancellation);
        using var alice = server.ClientFrom(Alice);
        server.Dapr.Faults.Gate = new TaskCompletionSource().Task;

        using var response = await alice.GetAsync(ApiRoutes.Clusters, Cancellation);

        await AssertAnswerAsync(response, HttpStatusCode.ServiceUnavailable, "state-unavailable");
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

    [Fact]
    public async Task Health_and_metrics_are_on_the_management_port_only()
    {
        await using var server = await StartAsync(Cancellation);
        using var node = server.ClientFrom(TkaDev);
        using var alice = server.ClientFrom(Alice);
        using var management = new HttpClient { BaseAddress = server.ManagementUri };
        using var created = await RegisterAsync(node, Entry(), Cancellation);
        await ListAsync(alice, Cancellation);

        Assert.Contains("tka_clusters{", await management.GetStringAsync("/metrics", Cancellation), StringComparison.Ordinal);
        Assert.Contains("status=\"ready\"", await management.GetStringAsync("/metrics", Cancellation), StringComparison.Ordinal);
        Assert.Equal("ok", await management.GetStringAsync("/readyz", Cancellation));
        using var metrics = await alice.GetAsync("/metrics", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, metrics.StatusCode);

        await server.Dapr.DownAsync();
        using var ready = await management.GetAsync("/readyz", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using var live = await management.GetAsync("/livez", Cancellation);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Theory]
    [InlineData("evil.example.com", null, 421, "misdirected")]
    [InlineData("tka.tail0dev.ts.net.evil.example.com", null, 421, "misdirected")]
    [InlineData("10.0.0.1", null, 421, "misdirected")]
    [InlineData("tka", "https://evil.example.com", 403, "cross-origin")]
    [InlineData("tka", "null", 403, "cross-origin")]
    [InlineData("tka", null, 200, null)]
    [InlineData("TKA.tail0dev.ts.net", null, 200, null)]
    [InlineData("tka.tail0dev.ts.net:8481", "http://tka.tail0dev.ts.net:8481", 200, null)]
    [InlineData("100.64.0.1", null, 200, null)]
    [InlineData("[fd7a:115c:a1e0:ab12:4843:cd96:6240:1]", null, 200, null)]
    public async Task Web_pages_are_kept_out(string host, string? origin, int status, string? problem)
    {
        await using var server = await StartAsync(Cancellation);
        using var alice = server.ClientFrom(Alice);
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Clusters) { Headers = { Host = host } };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await alice.SendAsync(request, Cancellation);

        await AssertAnswerAsync(response, (HttpStatusCode)status, problem);
    }

    [Fact]
    public async Task There_is_an_OpenAPI_document()
    {
        await using var server = await StartAsync(Cancellation);
        using var alice = server.ClientFrom(Alice);

        var document = await alice.GetStringAsync("/openapi/v1.json", Cancellation);

        Assert.Contains("\"openapi\": \"3.1", document, StringComparison.Ordinal);
        Assert.Contains("/orchestrator/v1alpha1/clusters/{name}", document, StringComparison.Ordinal);
        Assert.Contains("label_selector", document, StringComparison.Ordinal);
    }

    private static async Task<Problem?> AssertAnswerAsync(HttpResponseMessage response, HttpStatusCode status, string? problem)
    {
        Assert.Equal(status, response.StatusCode);
        if (problem is null)
        {
            return null;
        }

        Assert.Equal(new MediaTypeHeaderValue(Problem.MediaType), response.Content.Headers.ContentType);
        var body = await response.Content.ReadFromJsonAsync<Problem>(Cancellation);
        Assert.Equal($"urn:tka:problem:{problem}", body!.Type);
        Assert.NotEmpty(body.Advice);
        Assert.Equal(body.Detail, body.Message);
        return body;
    }
}
