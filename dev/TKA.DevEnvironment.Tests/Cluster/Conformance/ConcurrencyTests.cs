using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

/// <summary>
/// Many writers and many watchers at once. The length of the run is <c>TKA_TEST_CONCURRENCY_SECONDS</c>, 4 by default and 20 for the
/// figures of a release.
/// </summary>
public sealed class ConcurrencyTests(ConformanceFixture fixture, ITestOutputHelper output) : ConformanceTests(fixture)
{
    private const int Writers = 64;
    private const int Watchers = 64;
    private const int Shards = 8;

    private static TimeSpan Length => TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("TKA_TEST_CONCURRENCY_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 4);

    [Fact]
    public async Task Every_watcher_sees_every_event_of_its_selection_once_and_in_order()
    {
        var version = (string)(await GetAsync(ConfigMaps)).Succeeded().Json["metadata"]!["resourceVersion"]!;
        using var done = new CancellationTokenSource();
        var watchers = Enumerable.Range(0, Watchers).Select(i => CollectAsync(i % Shards, version)).ToList();

        using var stop = new CancellationTokenSource(Length);
        var written = new ConcurrentBag<Write>();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => WriteAsync(i, written, stop.Token)));

        // The end is an event too: whoever has seen it has seen everything before it.
        await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard =>
            PostAsync(ConfigMaps, ConfigMapOf($"end-{shard}", shard).ToJsonString())));
        var seen = await Task.WhenAll(watchers);

        output.WriteLine($"{written.Count} writes, {seen.Sum(s => s.Count)} events");
        Assert.True(written.Count > Writers);
        for (var i = 0; i < Watchers; i++)
        {
            var expected = written.Where(w => w.Shard == i % Shards).Select(w => w.Version).Order().ToList();
            var versions = seen[i].Select(e => e.Version).ToList();
            Assert.Equal(versions.Order(), versions);
            Assert.Equal(expected, versions);
        }
    }

    [Fact]
    public async Task No_update_is_lost()
    {
        var created = await CreateConfigMapAsync("counter", "\"data\":{\"n\":\"0\"}");
        var path = $"{ConfigMaps}/{created.Name}";
        const int Each = 5;

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            for (var i = 0; i < Each;)
            {
                var current = (await GetAsync(path)).Succeeded().Json;
                current["data"]!["n"] = (int.Parse((string)current["data"]!["n"]!, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
                var answer = await PutAsync(path, current);
                i += answer.Code == 200 ? 1 : 0;
                Assert.True(answer.Code is 200 or 409, answer.Text);
            }
        }));

        Assert.Equal((16 * Each).ToString(CultureInfo.InvariantCulture), (string?)(await GetAsync(path)).Json["data"]!["n"]);
    }

    private static JsonObject ConfigMapOf(string name, int shard) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["shard"] = $"s{shard}" } },
    };

    private async Task WriteAsync(int writer, ConcurrentBag<Write> written, CancellationToken stop)
    {
        var shard = writer % Shards;
        for (var round = 0; !stop.IsCancellationRequested; round++)
        {
            var name = $"w{writer}-{round}";
            var created = (await PostAsync(ConfigMaps, ConfigMapOf(name, shard).ToJsonString())).Succeeded(201);
            written.Add(new Write(shard, Version(created)));
            var patched = (await PatchAsync($"{ConfigMaps}/{name}", """{"data":{"a":"b"}}""")).Succeeded();
            written.Add(new Write(shard, Version(patched)));
            (await PatchAsync($"{ConfigMaps}/{name}", """{"data":{"a":"b"}}""")).Succeeded();
        }
    }

    private async Task<List<Write>> CollectAsync(int shard, string version)
    {
        var seen = new List<Write>();
        while (true)
        {
            var from = seen.Count == 0 ? version : seen[^1].Version.ToString(CultureInfo.InvariantCulture);
            using var watch = await Fixture.WatchAsync($"{ConfigMaps}?labelSelector=shard%3Ds{shard}&resourceVersion={from}&timeoutSeconds=120");
            while (await watch.NextAsync() is { } next)
            {
                Assert.True(next.Type is "ADDED" or "MODIFIED", next.Json.ToJsonString());
                if (next.Name == $"end-{shard}")
                {
                    return seen;
                }

                seen.Add(new Write(shard, next.ResourceVersion));
            }

            // A real server drops a watch that does not keep up; its client goes on from where it was.
            Assert.False(Fixture.Cluster.IsEmbedded, $"the watch of shard {shard} ended early");
        }
    }

    private static long Version(Answer answer) => long.Parse(answer.ResourceVersion, CultureInfo.InvariantCulture);

    private sealed record Write(int Shard, long Version);
}
