using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.Answers;
using static TKA.Tests.Orchestrator.OrchestratorServer;

namespace TKA.Tests.Orchestrator;

/// <summary>Reading the registry: selectors, pages, ETags, watches.</summary>
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

    [Fact]
    public async Task Lists_can_be_narrowed_by_labels_and_come_in_pages()
    {
        await using var server = await StartAsync(Cancellation);
        await using var a = await RegisteredAsync(server, TkaDev, "a", new() { ["env"] = "prod", ["region"] = "eu" });
        await using var b = await RegisteredAsync(server, TkaTwo, "b", new() { ["env"] = "dev", ["size"] = "3" });
        await using var c = await RegisteredAsync(server, TkaThree, "c", []);
        using var alice = server.ClientFrom(Alice);

        foreach (var (selector, expected) in ((string, string)[])[("env=prod", "a"), ("env!=prod", "b,c"), ("!env", "c"), ("size>2", "b"), ("env in (dev,prod)", "a,b"), ("", "a,b,c")])
        {
            Assert.Equal(expected, string.Join(',', (await ListAsync(alice, Cancellation, selector)).Select(cluster => cluster.Name)));
        }

        var first = await alice.GetFromJsonAsync<ClusterList>($"{ApiRoutes.Clusters}?limit=2", Cancellation);
        Assert.Equal((2, "b"), (first!.Items.Count, first.Continue));
        var second = await alice.GetFromJsonAsync<ClusterList>($"{ApiRoutes.Clusters}?limit=2&continue={first.Continue}", Cancellation);
        Assert.Equal(("c", null), (Assert.Single(second!.Items).Name, second.Continue));
        foreach (var query in (string[])["limit=0", "limit=-1", "limit=abc", "limit=99999999999", "watch=maybe", "watch=%1b%5b2J"])
        {
            using var none = await alice.GetAsync($"{ApiRoutes.Clusters}?{query}", Cancellation);
            await AssertAnswerAsync(none, HttpStatusCode.BadRequest, "bad-request");
        }

        foreach (var name in (string[])["A", "..%2fa", "a||b", "ä", new string('a', 64), "%e2%80%ae"])
        {
            using var none = await alice.GetAsync($"{ApiRoutes.Clusters}/{name}", Cancellation);
            await AssertAnswerAsync(none, HttpStatusCode.NotFound, "not-found");
        }
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
    public async Task A_list_that_has_not_changed_is_304_heartbeats_aside()
    {
        await using var server = await StartAsync(Cancellation);
        await using var api = await RegisteredAsync(server, TkaDev, "a", []);
        using var alice = server.ClientFrom(Alice);
        using var first = await alice.GetAsync(ApiRoutes.Clusters, Cancellation);
        using var beat = await api.RegisterAsync(server, Cancellation);

        async Task<HttpStatusCode> AskAsync(string path, string etag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
            using var response = await alice.SendAsync(request, Cancellation);
            return response.StatusCode;
        }

        var etag = first.Headers.ETag!.ToString();
        Assert.StartsWith("W/", etag, StringComparison.Ordinal);
        foreach (var same in (string[])[etag, etag[2..], "*", $"\"x\", {etag}"])
        {
            Assert.Equal(HttpStatusCode.NotModified, await AskAsync(ApiRoutes.Clusters, same));
        }

        using var one = await alice.GetAsync($"{ApiRoutes.Clusters}/a", Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, await AskAsync($"{ApiRoutes.Clusters}/a", one.Headers.ETag!.ToString()));
        await using var second = await RegisteredAsync(server, TkaTwo, "b", []);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(ApiRoutes.Clusters, etag));

        // That the list is what one replica remembers is a change, too.
        using var whole = await alice.GetAsync(ApiRoutes.Clusters, Cancellation);
        await server.Dapr.DownAsync();
        using var unwritten = await api.RegisterAsync(server, Cancellation);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(ApiRoutes.Clusters, whole.Headers.ETag!.ToString()));
    }

    [Fact]
    public async Task A_watch_tells_what_there_is_and_what_changes_and_is_resumed()
    {
        await using var server = await StartAsync(Cancellation);
        await using var a = await RegisteredAsync(server, TkaDev, "a", []);
        using var alice = server.ClientFrom(Alice);

        string? last;
        await using (var watch = await WatchAsync(alice, null))
        {
            Assert.Equal(("added", "a"), await watch.NextAsync());
            Assert.Equal(("synced", null), await watch.NextAsync());
            await using var b = await RegisteredAsync(server, TkaTwo, "b", []);
            Assert.Equal(("added", "b"), await watch.NextAsync());
            last = watch.LastEventId;
        }

        a.Info = a.Info with { Description = "changed" };
        using var changed = await a.RegisterAsync(server, Cancellation, entry => entry with { Description = "changed" });
        using var dave = server.ClientFrom(Dave);
        using var removed = await dave.DeleteAsync($"{ApiRoutes.Clusters}/b", Cancellation);

        await using (var resumed = await WatchAsync(alice, last))
        {
            Assert.Equal(("modified", "a"), await resumed.NextAsync());
            Assert.Equal(("removed", "b"), await resumed.NextAsync());
        }

        await using var strange = await WatchAsync(alice, "0badcafe-1");
        Assert.Equal(("added", "a"), await strange.NextAsync());
        Assert.Equal(("synced", null), await strange.NextAsync());
    }

    [Fact]
    public async Task A_watcher_of_some_clusters_sees_them_come_and_go_with_their_labels_also_when_it_comes_back()
    {
        await using var server = await StartAsync(Cancellation);
        await using var a = await RegisteredAsync(server, TkaDev, "a", new() { ["env"] = "dev" });
        await using var b = await RegisteredAsync(server, TkaTwo, "b", new() { ["env"] = "prod" });
        using var alice = server.ClientFrom(Alice);
        const string Production = "&label_selector=env%3Dprod";
        string last;
        await using (var watch = await WatchAsync(alice, null, Production))
        {
            Assert.Equal(("added", "b"), await watch.NextAsync());
            Assert.Equal(("synced", null), await watch.NextAsync());

            // A cluster that the selector matches neither before nor after a change causes no event.
            await LabelAsync(a, "test");
            await LabelAsync(a, "prod");
            Assert.Equal(("added", "a"), await watch.NextAsync());
            await LabelAsync(a, "dev");
            Assert.Equal(("removed", "a"), await watch.NextAsync());
            last = watch.LastEventId;
        }

        await LabelAsync(b, "dev");
        await LabelAsync(a, "prod");
        await using var resumed = await WatchAsync(alice, last, Production);
        Assert.Equal(("removed", "b"), await resumed.NextAsync());
        Assert.Equal(("added", "a"), await resumed.NextAsync());

        async Task LabelAsync(ClusterApi api, string env)
        {
            api.Info = api.Info with { Labels = new Dictionary<string, string> { ["env"] = env } };
            using var response = await api.RegisterAsync(server, Cancellation, entry => entry with { Description = env });
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("-")]
    [InlineData("00000000-99999999999999999999")]
    public async Task A_watch_from_nowhere_begins_anew(string? lastEventId)
    {
        await using var server = await StartAsync(Cancellation);
        await using var a = await RegisteredAsync(server, TkaDev, "a", []);
        using var alice = server.ClientFrom(Alice);
        await using var watch = await WatchAsync(alice, lastEventId, etag: "*");
        Assert.Equal(("added", "a"), await watch.NextAsync());
        Assert.Equal(("synced", null), await watch.NextAsync());
        var (epoch, version) = (watch.LastEventId.Split('-')[0], long.Parse(watch.LastEventId.Split('-')[1], CultureInfo.InvariantCulture));

        // From the future, and from before the first change that is kept.
        foreach (var other in new[] { version + 1, -1, long.MaxValue, long.MinValue })
        {
            await using var strange = await WatchAsync(alice, string.Create(CultureInfo.InvariantCulture, $"{epoch}-{other}"));
            Assert.Equal(("added", "a"), await strange.NextAsync());
            Assert.Equal(("synced", null), await strange.NextAsync());
        }
    }

    /// <summary>Bookmarks let a watcher resume although no cluster of its selection has changed, and writing them shows the server which connections are dead.</summary>
    [Fact]
    public async Task A_watch_in_which_nothing_happens_says_how_far_it_is()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await OrchestratorServer.StartAsync(Cancellation, time);
        using var alice = server.ClientFrom(Alice);
        await using var watch = await WatchAsync(alice, null, "&label_selector=env%3Dnone");
        Assert.Equal(("synced", null), await watch.NextAsync());
        var before = watch.LastEventId;
        await using var a = await RegisteredAsync(server, TkaDev, "a", []);

        var next = watch.NextAsync();
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return next.IsCompleted;
            },
            "a bookmark comes");
        Assert.Equal(("bookmark", null), await next);
        Assert.NotEqual(before, watch.LastEventId);
        await using var resumed = await WatchAsync(alice, watch.LastEventId);
        await using var b = await RegisteredAsync(server, TkaTwo, "b", []);
        Assert.Equal(("added", "b"), await resumed.NextAsync());
    }

    private static async Task<ClusterApi> RegisteredAsync(OrchestratorServer server, string address, string name, Dictionary<string, string> labels)
    {
        var api = await ClusterApi.StartAsync(address, name, Cancellation);
        api.Info = api.Info with { Labels = labels };
        using var response = await api.RegisterAsync(server, Cancellation);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return api;
    }

    private static async Task<Watch> WatchAsync(HttpClient client, string? lastEventId, string query = "", string? etag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{ApiRoutes.Clusters}?watch=true{query}");
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        if (etag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new Watch(response, await response.Content.ReadAsStreamAsync(Cancellation));
    }

    private sealed class Watch : IAsyncDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly SseParser<Cluster?> _parser;
        private readonly IAsyncEnumerator<SseItem<Cluster?>> _events;

        public Watch(HttpResponseMessage response, Stream stream)
        {
            _response = response;
            _parser = SseParser.Create(stream, (_, data) => data.IsEmpty ? null : System.Text.Json.JsonSerializer.Deserialize<Cluster>(data));
            _events = _parser.EnumerateAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        }

        public string LastEventId => _parser.LastEventId;

        public async Task<(string Kind, string? Name)> NextAsync()
        {
            Assert.True(await _events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
            return (_events.Current.EventType, _events.Current.Data?.Name);
        }

        public async ValueTask DisposeAsync()
        {
            _response.Dispose();
            try
            {
                await _events.DisposeAsync();
            }
            catch (NotSupportedException)
            {
                // A read is under way, on a response that is gone.
            }
        }
    }
}
