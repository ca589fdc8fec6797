using k8s.Models;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using Xunit;

namespace TKA.Tests.Kubernetes;

public class ResourceStoreTests
{
    private readonly ResourceStore<V1ConfigMap> _store = new();
    private readonly List<string> _changes = [];

    public ResourceStoreTests()
    {
        _store.Subscribe(change => _changes.Add($"{change.Key}: {Version(change.Previous)}>{Version(change.Current)}"));
    }

    [Fact]
    public void A_new_list_reports_what_vanished_while_nobody_watched()
    {
        _store.Replace([Item("a", 1), Item("b", 2)], "2");
        _changes.Clear();

        _store.Replace([Item("b", 5), Item("c", 6)], "7");

        Assert.Equal(["ns/b: 2>5", "ns/c: ->6", "ns/a: 1>-"], _changes);
    }

    [Fact]
    public void S3_a_list_from_the_past_counts_alone()
    {
        _store.Replace([Item("ended", 3), Item("kept", 4), Item("new", 5)], "5");
        _store.Remove(Item("ended", 6));
        _store.Observe(Item("own", 9));
        _changes.Clear();

        Assert.True(_store.Replace([Item("ended", 1), Item("kept", 2)], "2"));

        Assert.Equal(["ns/ended: ->1", "ns/kept: 4>2", "ns/new: 5>-", "ns/own: 9>-"], _changes.Order(StringComparer.Ordinal));
        _store.Observe(Item("kept", 3));
        Assert.Equal("3", _store.Get(new ObjectKey("ns", "kept"))!.Metadata.ResourceVersion);
        Assert.False(_store.Replace([Item("kept", 3)], "4"));
    }

    [Fact]
    public void S3_a_bookmark_or_an_event_from_the_past_is_noticed()
    {
        _store.Replace([Item("a", 5)], "8");

        Assert.True(_store.Advance("9"));
        Assert.False(_store.Advance("7"));
        Assert.False(_store.Upsert(Item("a", 6)));
        Assert.False(_store.Remove(Item("a", 6)));
        Assert.True(_store.Upsert(Item("a", 10)));
        Assert.Equal("10", _store.Get(new ObjectKey("ns", "a"))!.Metadata.ResourceVersion);
    }

    [Fact]
    public void A_repeated_or_older_event_changes_nothing()
    {
        _store.Replace([Item("a", 5)], "5");
        _changes.Clear();

        _store.Upsert(Item("a", 5));
        _store.Upsert(Item("a", 4));

        Assert.Empty(_changes);
    }

    [Fact]
    public void Our_own_write_is_seen_at_once()
    {
        _store.Replace([], "5");

        _store.Observe(Item("a", 6));

        Assert.NotNull(_store.Get(new ObjectKey("ns", "a")));
    }

    [Fact]
    public void An_answer_that_the_watch_has_overtaken_is_ignored()
    {
        _store.Replace([], "5");
        _store.Upsert(Item("a", 6));
        _store.Remove(Item("a", 7));

        _store.Observe(Item("a", 6));

        Assert.Null(_store.Get(new ObjectKey("ns", "a")));
    }

    [Fact]
    public void A_write_newer_than_the_list_survives_it()
    {
        _store.Replace([], "5");
        _store.Observe(Item("a", 9));

        _store.Replace([], "8");
        Assert.NotNull(_store.Get(new ObjectKey("ns", "a")));

        _store.Replace([], "10");
        Assert.Null(_store.Get(new ObjectKey("ns", "a")));
    }

    [Fact]
    public void What_we_deleted_is_not_brought_back_by_events_from_before()
    {
        _store.Replace([Item("a", 1)], "1");
        _store.ObserveDeleted(Item("a", 1));

        _store.Upsert(Item("a", 2));
        Assert.Null(_store.Get(new ObjectKey("ns", "a")));

        _store.Remove(Item("a", 3));
        _store.Upsert(Item("a", 4, uid: "another"));
        Assert.NotNull(_store.Get(new ObjectKey("ns", "a")));
    }

    [Fact]
    public void A_deletion_of_an_earlier_object_of_that_name_does_not_remove_the_new_one()
    {
        _store.Replace([Item("a", 5, uid: "new")], "5");

        _store.Remove(Item("a", 4, uid: "old"));

        Assert.NotNull(_store.Get(new ObjectKey("ns", "a")));
    }

    [Fact]
    public void An_index_follows_every_change()
    {
        _store.AddIndex("colour", item => item.Metadata.Labels is { } labels ? [labels["colour"]] : []);
        _store.Replace([Item("a", 1, colour: "red"), Item("b", 2, colour: "red")], "2");
        Assert.Equal(2, _store.ByIndex("colour", "red").Count);

        _store.Upsert(Item("a", 3, colour: "blue"));
        _store.Remove(Item("b", 4));

        Assert.Empty(_store.ByIndex("colour", "red"));
        Assert.Equal("a", Assert.Single(_store.ByIndex("colour", "blue")).Metadata.Name);
    }

    [Fact]
    public async Task Waiting_ends_with_the_change_that_satisfies_it()
    {
        var key = new ObjectKey("ns", "a");
        _store.Replace([], "1");
        var wait = _store.WaitForAsync(key, item => Version(item) == "3", TestContext.Current.CancellationToken);

        _store.Upsert(Item("a", 2));
        Assert.False(wait.IsCompleted);
        _store.Upsert(Item("a", 3));

        Assert.Equal("3", Version(await wait));
    }

    [Fact]
    public async Task Waiting_for_absence_is_possible_and_a_wait_can_be_given_up()
    {
        var key = new ObjectKey("ns", "a");
        _store.Replace([Item("a", 1)], "1");
        using var deadline = new CancellationTokenSource();
        var gone = _store.WaitForAsync(key, item => item is null, TestContext.Current.CancellationToken);
        var never = _store.WaitForAsync(key, _ => false, deadline.Token);

        _store.Remove(Item("a", 2));
        await deadline.CancelAsync();

        Assert.Null(await gone);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
    }

    [Fact]
    public async Task Sync_is_reached_with_the_first_list_and_not_before()
    {
        var synced = _store.WaitForSyncAsync(TestContext.Current.CancellationToken);
        _store.Observe(Item("a", 1));
        Assert.False(_store.HasSynced);

        _store.Replace([], "1");

        await synced;
        Assert.True(_store.HasSynced);
    }

    private static string Version(V1ConfigMap? item) => item?.Metadata.ResourceVersion ?? "-";

    private static V1ConfigMap Item(string name, int version, string? uid = null, string? colour = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = "ns",
            Uid = uid ?? name,
            ResourceVersion = $"{version}",
            Labels = colour is null ? null : new Dictionary<string, string> { ["colour"] = colour },
        },
    };
}
