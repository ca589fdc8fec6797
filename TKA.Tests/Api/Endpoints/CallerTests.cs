using System.Net;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>The people of <see cref="CallerTests"/>.</summary>
public sealed class Callers : IAsyncLifetime
{
    private const string View = """{"role":"view","period":"8h"}""";

    public TkaStack Stack { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Stack = await TkaStack.StartAsync(CancellationToken.None, new TkaStackOptions
    {
        Operator = false,
        Policy = new TestTailnetPolicy()
            .Person("127.0.0.1", "alice@example.com", $"[{View}]")
            .Person("127.0.0.2", "carol@example.com")
            .Tagged("127.0.0.3", "tag:ci", $"[{View}]")
            .Person("127.0.0.4", "malformed@example.com", """[{"role":"view","period":"8h"},{"role":7,"period":"8h"}]""")
            .Person("127.0.0.5", "conflict@example.com", """[{"role":"view","period":"8h","priority":5},{"role":"tka-edit","period":"8h","priority":5}]""")
            .Person("127.0.0.6", "twice@example.com", $"[{View},{View}]")
            .Person("127.0.0.7", "expired@example.com", $"[{View}]", expired: true)
            .Self("127.0.0.8")
            .Person("127.0.0.9", "short@example.com", """[{"role":"view","period":"5m"}]""")
            .Person("127.0.0.10", "long@example.com", """[{"role":"view","period":"48h"}]""")
            .Person("127.0.0.11", "soon@example.com", """[{"role":"view","period":"soon"}]""")
            .Person("127.0.0.12", "system@example.com", """[{"role":"system:masters","period":"8h"}]""")
            .ToString(),
    });

    public ValueTask DisposeAsync() => Stack.DisposeAsync();
}

/// <summary>Every row of the contract's table "Who is calling".</summary>
public class CallerTests(Callers shared) : IClassFixture<Callers>
{
    private static readonly (HttpMethod Method, string Path)[] AllEndpoints =
    [
        (HttpMethod.Post, ApiRoutes.Login),
        (HttpMethod.Get, ApiRoutes.Login),
        (HttpMethod.Get, ApiRoutes.Kubeconfig),
        (HttpMethod.Get, ApiRoutes.Token),
        (HttpMethod.Post, ApiRoutes.Logout),
        (HttpMethod.Get, ApiRoutes.ClusterInfo),
        (HttpMethod.Get, ApiRoutes.Access),
        (HttpMethod.Get, ApiRoutes.Sessions),
        (HttpMethod.Delete, ApiRoutes.Sessions + "/tka-user-alice-00000000"),
    ];

    [Theory]
    [InlineData("127.0.0.2", 403, "no-rule")]
    [InlineData("127.0.0.3", 400, "tagged-node")]
    [InlineData("127.0.0.7", 403, "node-expired")]
    [InlineData("127.0.0.8", 403, "own-node")]
    [InlineData("127.0.0.99", 403, "unknown-peer")]
    public async Task Callers_nobody_should_serve_are_refused_everywhere(string source, int status, string kind)
    {
        // The orchestrator is a tagged node and reads what is public of a cluster.
        foreach (var (method, path) in AllEndpoints.Where(endpoint => kind != "tagged-node" || endpoint.Item2 != ApiRoutes.ClusterInfo))
        {
            var reply = (await shared.Stack.From(source).CallAsync(method, path)).Expect(status);
            Assert.Equal(kind, reply.Kind);
        }

        Assert.Contains(shared.Stack.ApiLogs.Lines, line => line.Category == "TKA.Audit" && (string?)line.Fields["Outcome"] == "refused" && (string?)line.Fields["Reason"] == kind);
    }

    [Fact]
    public async Task A_tagged_node_may_ask_how_to_reach_the_cluster() =>
        (await shared.Stack.From("127.0.0.3").CallAsync(HttpMethod.Get, ApiRoutes.ClusterInfo)).Expect(200);

    [Fact]
    public async Task Requests_through_Funnel_are_refused_everywhere()
    {
        foreach (var (method, path) in AllEndpoints)
        {
            var reply = (await shared.Stack.From("127.0.0.1").CallAsync(method, path, null, ("Tailscale-Funnel-Request", "?1"))).Expect(403);
            Assert.Equal("funnel", reply.Kind);
        }
    }

    [Theory]
    [InlineData("127.0.0.4", 400, "capability-malformed")]
    [InlineData("127.0.0.5", 400, "capability-conflict")]
    [InlineData("127.0.0.9", 422, "invalid-period")]
    [InlineData("127.0.0.10", 422, "invalid-period")]
    [InlineData("127.0.0.11", 422, "capability-period")]
    [InlineData("127.0.0.12", 422, "unusable-rule")]
    public async Task Grants_that_cannot_be_used_sign_nobody_in(string source, int status, string kind)
    {
        shared.Stack.ApiRequests.Clear();

        var reply = (await shared.Stack.From(source).LoginAsync()).Expect(status);

        Assert.Equal(kind, reply.Kind);
        Assert.DoesNotContain("POST tkasignins", shared.Stack.ApiRequests.Requests);
    }

    [Fact]
    public async Task A_malformed_rule_is_named() =>
        Assert.Contains("Rule 1: role", (await shared.Stack.From("127.0.0.4").LoginAsync()).Problem.Message, StringComparison.Ordinal);

    [Fact]
    public async Task Identical_rules_count_once() => (await shared.Stack.From("127.0.0.6").LoginAsync()).Expect(202);

    [Fact]
    public async Task A_conflict_is_settled_by_naming_a_role() =>
        Assert.Equal("tka-edit", (await shared.Stack.From("127.0.0.5").LoginAsync("""{"role":"tka-edit"}""")).Expect(202).Session.Role);

    [Theory]
    [InlineData("evil.example")]
    [InlineData("tka.evil.example")]
    [InlineData("100.64.99.99")]
    [InlineData("[::1]")]
    [InlineData("tka.tail0dev.ts.net.evil.example")]
    public async Task Hosts_that_are_not_ours_are_misdirected(string host)
    {
        foreach (var path in AllEndpoints.Select(endpoint => endpoint.Path).Append("/openapi/v1.json").Append("/scalar/"))
        {
            var reply = await shared.Stack.From("127.0.0.1").CallAsync(HttpMethod.Get, path, null, ("Host", host));
            Assert.Equal("misdirected", reply.Expect(421).Kind);
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("localhost")]
    [InlineData("tka")]
    [InlineData("TKA")]
    [InlineData("tka.tail0dev.ts.net")]
    [InlineData("tka.tail0dev.ts.net.")]
    public async Task Our_own_names_and_addresses_are_served(string host) =>
        (await shared.Stack.From("127.0.0.1").CallAsync(HttpMethod.Get, ApiRoutes.Access, null, ("Host", host))).Expect(200);

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Pages_of_other_origins_may_send_nothing(string name, string value)
    {
        foreach (var (method, path) in AllEndpoints)
        {
            var reply = (await shared.Stack.From("127.0.0.1").CallAsync(method, path, null, (name, value))).Expect(403);
            Assert.Equal("cross-origin", reply.Kind);
            Assert.False(reply.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task The_own_page_may()
    {
        var origin = shared.Stack.ApiUri.GetLeftPart(UriPartial.Authority);

        (await shared.Stack.From("127.0.0.1").CallAsync(HttpMethod.Get, ApiRoutes.Access, null, ("Origin", origin), ("Sec-Fetch-Site", "same-origin"))).Expect(200);
    }

    [Theory]
    [InlineData("/api/v1alpha1/nothing", "GET", 404)]
    [InlineData("/no-such-page", "GET", 404)]
    [InlineData("/livez", "GET", 404)]
    [InlineData("/metrics", "GET", 404)]
    [InlineData("/api/v1alpha1/login", "DELETE", 405)]
    [InlineData("/api/v1alpha1/kubeconfig", "POST", 405)]
    public async Task What_is_not_there_is_a_problem_too(string path, string method, int status)
    {
        var reply = (await shared.Stack.From("127.0.0.1").CallAsync(new HttpMethod(method), path)).Expect(status);

        Assert.Equal(status, reply.Problem.Status);
    }

    [Fact]
    public async Task The_management_port_serves_no_API()
    {
        using var http = new HttpClient { BaseAddress = shared.Stack.ApiManagementUri };

        Assert.Equal(HttpStatusCode.NotFound, (await http.CallAsync(HttpMethod.Post, ApiRoutes.Login)).Status);
        Assert.Equal(HttpStatusCode.OK, (await http.CallAsync(HttpMethod.Get, "/livez")).Status);
    }
}
