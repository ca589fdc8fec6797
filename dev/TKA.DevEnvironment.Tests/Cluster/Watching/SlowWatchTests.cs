using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using TKA.DevEnvironment.Cluster;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Watching;

/// <summary>What only the embedded cluster can be made to do: little history, and time at will.</summary>
public class SlowWatchTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watch_that_cannot_keep_up_is_told_to_start_over_and_costs_no_memory_meanwhile()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "needs an embedded cluster");
        await using var cluster = await TestCluster.StartAsync(new EmbeddedClusterOptions { WatchHistory = 16 }, Token);
        using var response = await SendAsync(cluster, HttpMethod.Get, $"{ConfigMaps}?watch=true&resourceVersion=0");

        // Nobody reads while far more is written than sockets buffer.
        var text = new string('x', 256 * 1024);
        for (var i = 0; i < 80; i++)
        {
            using var created = await SendAsync(cluster, HttpMethod.Post, ConfigMaps, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c{{{i}}}"},"data":{"a":"{{{text}}}"}}""");
            Assert.Equal(201, (int)created.StatusCode);
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        JsonNode? last = null;
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            last = JsonNode.Parse(line);
        }

        Assert.Equal("ERROR", (string?)last!["type"]);
        Assert.Equal(410, (int)last["object"]!["code"]!);
    }

    [Fact]
    public async Task A_watch_whose_time_is_up_in_the_middle_of_a_write_ends_as_any_other()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "needs an embedded cluster");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var cluster = await TestCluster.StartAsync(new EmbeddedClusterOptions { TimeProvider = time }, Token);
        using var response = await SendAsync(cluster, HttpMethod.Get, $"{ConfigMaps}?watch=true&resourceVersion=0&timeoutSeconds=60");

        // Nobody reads, and more is written than sockets buffer.
        var text = new string('x', 256 * 1024);
        for (var i = 0; i < 80; i++)
        {
            using var created = await SendAsync(cluster, HttpMethod.Post, ConfigMaps, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c{{{i}}}"},"data":{"a":"{{{text}}}"}}""");
            Assert.Equal(201, (int)created.StatusCode);
        }

        time.Advance(TimeSpan.FromSeconds(61));

        // A stream that is reset throws here.
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        var lines = 0;
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            Assert.Equal("ADDED", (string?)JsonNode.Parse(line)!["type"]);
            lines++;
        }

        Assert.InRange(lines, 1, 79);
    }

    [Fact]
    public async Task A_quiet_watch_gets_a_bookmark_every_minute()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "needs an embedded cluster");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var cluster = await TestCluster.StartAsync(new EmbeddedClusterOptions { TimeProvider = time }, Token);
        using var response = await SendAsync(cluster, HttpMethod.Get, $"{ConfigMaps}?watch=true&allowWatchBookmarks=true&labelSelector=nobody");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        using (await SendAsync(cluster, HttpMethod.Post, ConfigMaps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"unseen"}}"""))
        {
        }

        var line = reader.ReadLineAsync(Token).AsTask();
        for (var i = 0; i < 500 && !line.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(61));
            await Task.WhenAny(line, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token));
        }

        var bookmark = JsonNode.Parse((await line.WaitAsync(TimeSpan.FromSeconds(10), Token))!)!;
        Assert.Equal("BOOKMARK", (string?)bookmark["type"]);
        Assert.Equal(
            cluster.Embedded.Runtime.Store.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture),
            (string?)bookmark["object"]!["metadata"]!["resourceVersion"]);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestCluster cluster, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(cluster.Embedded.Uri, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", cluster.Embedded.AdminToken);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await cluster.Admin.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }
}
