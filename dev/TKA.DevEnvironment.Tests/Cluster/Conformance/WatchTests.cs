using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class WatchTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Fact]
    public async Task A_watch_from_a_lists_version_sees_every_change_after_it()
    {
        var version = await ListVersionAsync();
        using var watch = await Fixture.WatchAsync($"{ConfigMaps}?resourceVersion={version}&timeoutSeconds=30");
        var created = await CreateConfigMapAsync("watched");
        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"a":"b"}}""")).Succeeded();
        (await DeleteAsync($"{ConfigMaps}/{created.Name}")).Succeeded();

        var added = await watch.ExpectAsync("ADDED", created.Name);
        var modified = await watch.ExpectAsync("MODIFIED", created.Name);
        var deleted = await watch.ExpectAsync("DELETED", created.Name);

        Assert.Equal("b", (string?)modified.Resource["data"]!["a"]);
        Assert.Equal("b", (string?)deleted.Resource["data"]!["a"]);
        Assert.True(added.ResourceVersion < modified.ResourceVersion);
        Assert.True(modified.ResourceVersion < deleted.ResourceVersion, "a deletion has a version of its own");
    }

    [Fact]
    public async Task A_watch_replays_what_happened_since()
    {
        var version = await ListVersionAsync();
        var created = await CreateConfigMapAsync("replayed");
        using var watch = await Fixture.WatchAsync($"{ConfigMaps}?resourceVersion={version}&timeoutSeconds=30");
        await watch.ExpectAsync("ADDED", created.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&resourceVersion=0")]
    public async Task A_watch_without_a_version_starts_with_what_there_is(string version)
    {
        var created = await CreateConfigMapAsync("initial");
        using var watch = await Fixture.WatchAsync($"{ConfigMaps}?timeoutSeconds=30&fieldSelector=metadata.name%3D{created.Name}{version}");
        await watch.ExpectAsync("ADDED", created.Name);
        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"a":"b"}}""")).Succeeded();
        await watch.ExpectAsync("MODIFIED", created.Name);
    }

    [Fact]
    public async Task A_watch_of_one_name_hears_of_no_other()
    {
        var version = await ListVersionAsync();
        var name = Unique("single");
        using var watch = await Fixture.WatchAsync($"{ConfigMaps}?resourceVersion={version}&fieldSelector=metadata.name%3D{name}&timeoutSeconds=30");
        await CreateConfigMapAsync("noise");
        (await PostAsync(ConfigMaps, ConfigMap(name))).Succeeded(201);
        await watch.ExpectAsync("ADDED", name);
    }

    [Fact]
    public async Task An_object_that_leaves_the_selection_is_deleted_for_the_watch_and_comes_back_as_added()
    {
        var set = Unique("set");
        using var watch = await Fixture.WatchAsync($"{ConfigMaps}?labelSelector=set%3D{set}&timeoutSeconds=30&resourceVersion={await ListVersionAsync()}");
        var created = await CreateConfigMapAsync("moving");
        (await PatchAsync($"{ConfigMaps}/{created.Name}", $$$$"""{"metadata":{"labels":{"set":"{{{{set}}}}"}}}""")).Succeeded();
        await watch.ExpectAsync("ADDED", created.Name);
        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"metadata":{"labels":{"set":"other"}}}""")).Succeeded();
        var left = await watch.ExpectAsync("DELETED", created.Name);
        Assert.Equal(set, (string?)left.Resource["metadata"]!["labels"]!["set"]);
        (await PatchAsync($"{ConfigMaps}/{created.Name}", $$$$"""{"metadata":{"labels":{"set":"{{{{set}}}}"}}}""")).Succeeded();
        await watch.ExpectAsync("ADDED", created.Name);
    }

    [Fact]
    public async Task A_watch_ends_at_its_timeout()
    {
        using var watch = await Fixture.WatchAsync($"{ConfigMaps}?resourceVersion={await ListVersionAsync()}&timeoutSeconds=1");
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task A_quiet_watch_hears_where_it_stands_before_it_ends()
    {
        using var watch = await Fixture.WatchAsync(
            $"{ConfigMaps}?resourceVersion={await ListVersionAsync()}&allowWatchBookmarks=true&timeoutSeconds=4&labelSelector=nobody");

        var bookmark = await watch.ExpectAsync("BOOKMARK");

        Assert.Equal("ConfigMap", (string?)bookmark.Resource["kind"]);
        Assert.True(bookmark.ResourceVersion > 0);
        Assert.Equal("", bookmark.Name);
    }

    [Fact]
    public async Task A_watch_from_before_compaction_is_told_so()
    {
        Assert.SkipWhen(!Fixture.Cluster.IsEmbedded, "a real cluster compacts when it likes");
        using var watch = await Fixture.WatchAsync($"{ConfigMaps}?resourceVersion=1&timeoutSeconds=30");
        var error = await watch.ExpectAsync("ERROR");
        Assert.Equal("Status", (string?)error.Resource["kind"]);
        Assert.Equal(410, (int)error.Resource["code"]!);
        Assert.Equal("Expired", (string?)error.Resource["reason"]);
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task SendInitialEvents_needs_its_companions()
    {
        (await GetAsync($"{ConfigMaps}?watch=true&sendInitialEvents=true&timeoutSeconds=1")).Refused(422, "Invalid");
    }

    [Fact]
    public async Task ResourceVersionMatch_is_not_for_watches()
    {
        (await GetAsync($"{ConfigMaps}?watch=true&resourceVersion=5&resourceVersionMatch=Exact&timeoutSeconds=1")).Refused(422, "Invalid");
    }

    [Fact]
    public async Task A_watch_can_be_printed_as_tables()
    {
        var created = await CreateConfigMapAsync("table");
        using var watch = await Fixture.WatchAsync(
            $"{ConfigMaps}?timeoutSeconds=30&fieldSelector=metadata.name%3D{created.Name}", "application/json;as=Table;v=v1;g=meta.k8s.io");
        var added = await watch.ExpectAsync("ADDED");
        Assert.Equal("Table", (string?)added.Resource["kind"]);
        Assert.Equal(created.Name, (string?)added.Resource["rows"]![0]!["cells"]![0]);
    }

    [Fact]
    public async Task A_dry_run_is_not_an_event()
    {
        using var watch = await Fixture.WatchAsync($"{ConfigMaps}?resourceVersion={await ListVersionAsync()}&timeoutSeconds=30");
        (await PostAsync($"{ConfigMaps}?dryRun=All", ConfigMap(Unique("dry")))).Succeeded(201);
        var created = await CreateConfigMapAsync("real");
        await watch.ExpectAsync("ADDED", created.Name);
    }

    private async Task<string> ListVersionAsync() => (string)(await GetAsync($"{ConfigMaps}?limit=1")).Succeeded().Json["metadata"]!["resourceVersion"]!;
}
