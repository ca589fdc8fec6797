using System.Globalization;
using TKA.Contracts.Orchestrator;
using TKA.Orchestrator.Registry;
using Xunit;

namespace TKA.Tests.Orchestrator;

/// <summary>What watchers are told, however much changes at once.</summary>
public sealed class ClusterViewTests
{
    private const int Clusters = 10_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_watcher_is_told_when_all_clusters_change_at_once()
    {
        var view = new ClusterView();
        view.Reset("registered", All("ready"));
        using var one = view.Subscribe(null)!;
        using var other = view.Subscribe(null)!;
        Assert.Equal(Clusters + 1, one.TakeFirst().Count());
        Assert.Equal(ClusterEvents.Synced, other.TakeFirst().Last().Kind);

        // The heartbeats of all were kept away.
        view.Reset("registered", All("stale"));
        view.Bookmark();
        foreach (var watcher in new[] { one, other })
        {
            var told = new HashSet<string>();
            while (told.Count < Clusters)
            {
                Assert.All((await NextAsync(watcher))!, change => Assert.True(change.Kind == ClusterEvents.Modified && change.Cluster!.Status == "stale" && told.Add(change.Cluster.Name)));
            }

            Assert.Equal(ClusterEvents.Bookmark, Assert.Single((await NextAsync(watcher))!).Kind);
            Assert.False(watcher.NextAsync(Cancellation).IsCompleted);
        }
    }

    [Fact]
    public async Task A_watcher_that_is_too_far_behind_is_ended_and_one_that_comes_back_resumes()
    {
        var view = new ClusterView();
        view.Reset("registered", All("ready"));
        using var slow = view.Subscribe(null)!;
        var last = slow.TakeFirst().Last().Id;
        view.Reset("registered", All("stale"));
        using (var back = view.Subscribe(last)!)
        {
            Assert.Empty(back.TakeFirst());
            Assert.Equal("c00000", (await NextAsync(back))![0].Cluster!.Name);
        }

        view.Reset("registered", All("ready"));
        Assert.Null(await NextAsync(slow));
        using var anew = view.Subscribe(last)!;
        Assert.Equal(Clusters + 1, anew.TakeFirst().Count());
    }

    [Fact]
    public void Places_are_bounded_and_given_back()
    {
        var view = new ClusterView();
        var watchers = Enumerable.Range(0, 1024).Select(_ => view.Subscribe(null)!).ToArray();
        Assert.Null(view.Subscribe(null));

        watchers[0].Dispose();
        watchers[0].Dispose();
        Assert.NotNull(view.Subscribe(null));
        Assert.Null(view.Subscribe(null));
    }

    private static Task<IReadOnlyList<ClusterChange>?> NextAsync(ClusterSubscription watcher) => watcher.NextAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

    private static Cluster[] All(string status) =>
    [
        .. Enumerable.Range(0, Clusters).Select(i => new Cluster
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"c{i:00000}"),
            ApiEndpoint = "https://a",
            Status = status,
            Source = "registered",
        }),
    ];
}
