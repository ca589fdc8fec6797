using System.Text.Json.Nodes;
using CsCheck;
using TKA.DevEnvironment.Cluster.Storage;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Storage;

public class ObjectStoreTests
{
    private static readonly GroupResource Things = new("", "things");

    [Fact]
    public void The_events_since_any_revision_lead_to_the_present() => Gen.Select(Gen.Int[0, 2], Gen.Int[0, 4]).Array[1, 40].Sample(steps =>
    {
        var store = new ObjectStore(1000);
        var history = new Dictionary<long, SortedDictionary<string, StoredObject>>();
        foreach (var (kind, name) in steps)
        {
            Step(store, kind, $"n{name}");
            history[store.Revision] = new(store.Snapshot(Things).Objects.ToDictionary(o => o.Name), StringComparer.Ordinal);
        }

        foreach (var (revision, objects) in history)
        {
            var cursor = store.LogOf(Things).CursorAfter(revision)!.Value;
            var events = new ObjectEvent[steps.Length];
            var count = store.LogOf(Things).Read(ref cursor, events, out _);
            foreach (var change in events.Take(count))
            {
                objects.Remove(change.Current.Name);
                if (change.Type != ChangeType.Deleted)
                {
                    objects.Add(change.Current.Name, change.Current);
                }
            }

            Assert.Equal(Show(store.Snapshot(Things).Objects), Show(objects.Values));
        }
    });

    [Fact]
    public void A_replacement_of_an_older_version_is_refused()
    {
        var store = new ObjectStore(10);
        var first = store.Create(Things, New("a"))!;
        Assert.NotNull(store.Replace(Things, first, New("a")));
        Assert.Null(store.Replace(Things, first, New("a")));
        Assert.Null(store.Remove(Things, first));
    }

    [Fact]
    public void Revisions_count_every_resource()
    {
        var store = new ObjectStore(10);
        var one = store.Create(Things, New("a"))!;
        var two = store.Create(new GroupResource("apps", "others"), New("a"))!;
        Assert.Equal(one.ResourceVersion + 1, two.ResourceVersion);
        Assert.Equal(one.ResourceVersion, store.LastChange("", "things"));
    }

    [Fact]
    public void History_is_kept_up_to_its_capacity()
    {
        var store = new ObjectStore(4);
        var first = store.Revision;
        for (var i = 0; i < 10; i++)
        {
            store.Create(Things, New($"n{i}"));
        }

        Assert.Null(store.LogOf(Things).CursorAfter(first));
        Assert.NotNull(store.LogOf(Things).CursorAfter(store.Revision - 4));
        Assert.Null(store.LogOf(Things).CursorAfter(store.Revision - 5));
    }

    [Fact]
    public void A_cursor_that_falls_behind_is_told_so()
    {
        var store = new ObjectStore(4);
        var log = store.LogOf(Things);
        var cursor = log.CursorAfter(store.Revision)!.Value;
        for (var i = 0; i < 5; i++)
        {
            store.Create(Things, New($"n{i}"));
        }

        Assert.Equal(-1, log.Read(ref cursor, new ObjectEvent[8], out _));
    }

    [Fact]
    public void After_compaction_the_past_is_gone_and_the_present_is_not()
    {
        var store = new ObjectStore(100);
        store.Create(Things, New("a"));
        var before = store.Revision - 1;
        store.Compact();
        Assert.Null(store.LogOf(Things).CursorAfter(before));
        Assert.NotNull(store.LogOf(Things).CursorAfter(store.Revision));
        Assert.Single(store.Snapshot(Things).Objects);
        Assert.Null(store.LogOf(new GroupResource("", "never-used")).CursorAfter(before));
    }

    private static void Step(ObjectStore store, int kind, string name)
    {
        var current = store.Find(Things, "", name);
        switch (kind)
        {
            case 0:
                store.Create(Things, New(name));
                break;
            case 1 when current is not null:
                store.Replace(Things, current, New(name));
                break;
            case 2 when current is not null:
                store.Remove(Things, current);
                break;
            default:
                break;
        }
    }

    private static JsonObject New(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private static string Show(IEnumerable<StoredObject> objects) => string.Join(',', objects.Select(o => $"{o.Name}@{o.ResourceVersion}"));
}
