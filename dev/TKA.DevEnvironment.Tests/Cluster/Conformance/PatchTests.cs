using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class PatchTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Theory]
    [InlineData("""[{"op":"add","path":"/data/c","value":"d"}]""", """{"a":"b","c":"d"}""")]
    [InlineData("""[{"op":"replace","path":"/data/a","value":"x"}]""", """{"a":"x"}""")]
    [InlineData("""[{"op":"remove","path":"/data/a"},{"op":"add","path":"/data/z","value":"1"}]""", """{"z":"1"}""")]
    [InlineData("""[{"op":"copy","from":"/data/a","path":"/data/e"}]""", """{"a":"b","e":"b"}""")]
    [InlineData("""[{"op":"move","from":"/data/a","path":"/data/e"}]""", """{"e":"b"}""")]
    [InlineData("""[{"op":"test","path":"/data/a","value":"b"},{"op":"add","path":"/data","value":{"n":"1"}}]""", """{"n":"1"}""")]
    public async Task JSON_patch(string patch, string expected)
    {
        var created = await CreateConfigMapAsync("json", "\"data\":{\"a\":\"b\"}");
        var patched = (await PatchAsync($"{ConfigMaps}/{created.Name}", patch, "json")).Succeeded();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), patched.Json["data"]), patched.Text);
    }

    [Theory]
    [InlineData("""[{"op":"test","path":"/data/a","value":"x"}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/data/nothing"}]""", 422)]
    [InlineData("""[{"op":"replace","path":"/nothing/at/all","value":1}]""", 422)]
    [InlineData("""{"op":"add"}""", 400)]
    [InlineData("not json", 400)]
    public async Task A_JSON_patch_that_does_not_apply_changes_nothing(string patch, int code)
    {
        var created = await CreateConfigMapAsync("json", "\"data\":{\"a\":\"b\"}");
        var answer = await PatchAsync($"{ConfigMaps}/{created.Name}", patch, "json");
        Assert.Equal(code, answer.Code);
        Assert.Equal("Status", (string?)answer.Json["kind"]);
        Assert.Equal(created.ResourceVersion, (await GetAsync($"{ConfigMaps}/{created.Name}")).ResourceVersion);
    }

    [Fact]
    public async Task Merge_patch_sets_and_removes()
    {
        var created = await CreateConfigMapAsync("merge", "\"data\":{\"a\":\"b\",\"c\":\"d\"}");
        var patched = (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"a":null,"e":"f"}}""")).Succeeded();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"c":"d","e":"f"}"""), patched.Json["data"]));
    }

    [Fact]
    public async Task Merge_patch_replaces_lists()
    {
        var name = Unique("merge");
        (await PostAsync(Deployments, Workloads.Deployment(name))).Succeeded(201);
        var patched = (await PatchAsync($"{Deployments}/{name}", """{"spec":{"template":{"spec":{"containers":[{"name":"other","image":"registry.k8s.io/pause:3.10"}]}}}}""")).Succeeded();
        Assert.Equal("other", (string?)Assert.Single(patched.Json["spec"]!["template"]!["spec"]!["containers"]!.AsArray())!["name"]);
    }

    [Fact]
    public async Task Strategic_merge_patch_merges_lists_by_key()
    {
        var name = Unique("strategic");
        (await PostAsync(Deployments, Workloads.Deployment(name))).Succeeded(201);
        var patched = (await PatchAsync(
            $"{Deployments}/{name}",
            """{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"registry.k8s.io/pause:3.9"},{"name":"web","env":[{"name":"B","value":"2"}]}]}}}}""",
            "strategic")).Succeeded();

        var containers = patched.Json["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        Assert.Equal(["side", "web"], containers.Select(c => (string?)c!["name"]).Order(StringComparer.Ordinal));
        var web = containers.Single(c => (string?)c!["name"] == "web")!;
        Assert.Equal("registry.k8s.io/pause:3.10", (string?)web["image"]);
        Assert.Equal(["A", "B"], web["env"]!.AsArray().Select(e => (string?)e!["name"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Strategic_merge_patch_deletes_by_key()
    {
        var name = Unique("strategic");
        (await PostAsync(Deployments, Workloads.Deployment(name))).Succeeded(201);
        var deleted = (await PatchAsync(
            $"{Deployments}/{name}",
            """{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","$patch":"delete"},{"name":"C","value":"3"}]}]}}}}""",
            "strategic")).Succeeded();
        Assert.Equal(["C"], deleted.Json["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().Select(e => (string?)e!["name"]));
    }

    [Fact]
    public async Task The_embedded_cluster_refuses_other_directives_of_strategic_merge_patch()
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster replaces the list");
        var created = await CreateConfigMapAsync("directive");

        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"$patch":"replace","only":"this"}}""", "strategic")).Refused(501, "NotImplemented");
    }

    [Fact]
    public async Task Strategic_merge_patch_adds_and_removes_finalizers_as_a_set()
    {
        var created = await CreateConfigMapAsync("finalizers");
        var path = $"{ConfigMaps}/{created.Name}";
        (await PatchAsync(path, """{"metadata":{"finalizers":["a.test/one"]}}""", "strategic")).Succeeded();
        var both = (await PatchAsync(path, """{"metadata":{"finalizers":["a.test/two"]}}""", "strategic")).Succeeded();
        Assert.Equal(2, both.Json["metadata"]!["finalizers"]!.AsArray().Count);
        var one = (await PatchAsync(path, """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a.test/one"]}}""", "strategic")).Succeeded();
        Assert.Equal("""["a.test/two"]""", one.Json["metadata"]!["finalizers"]!.ToJsonString());
        (await PatchAsync(path, """{"metadata":{"finalizers":null}}""")).Succeeded();
    }

    [Fact]
    public async Task A_patch_may_insist_on_a_version()
    {
        var created = await CreateConfigMapAsync("insist");
        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"a":"b"}}""")).Succeeded();
        (await PatchAsync($"{ConfigMaps}/{created.Name}", $$$"""{"metadata":{"resourceVersion":"{{{created.ResourceVersion}}}"},"data":{"a":"c"}}"""))
            .Refused(409, "Conflict");
    }

    [Fact]
    public async Task A_patch_of_nothing_is_not_found()
    {
        (await PatchAsync($"{ConfigMaps}/nobody", "{}")).Refused(404, "NotFound");
    }

    [Fact]
    public async Task A_patch_without_effect_keeps_the_version()
    {
        var created = await CreateConfigMapAsync("same", "\"data\":{\"a\":\"b\"}");
        var patched = (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"a":"b"}}""")).Succeeded();
        Assert.Equal(created.ResourceVersion, patched.ResourceVersion);
    }

    [Fact]
    public async Task Concurrent_patches_all_arrive()
    {
        var created = await CreateConfigMapAsync("parallel");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            PatchAsync($"{ConfigMaps}/{created.Name}", $$$"""{"data":{"k{{{i}}}":"v"}}""")));
        Assert.All(answers, a => a.Succeeded());
        Assert.Equal(8, (await GetAsync($"{ConfigMaps}/{created.Name}")).Json["data"]!.AsObject().Count);
    }

    [Theory]
    [InlineData("""{"data":{"a":5}}""", "")]
    [InlineData("""{"kind":"Secret"}""", "")]
    [InlineData("""{"apiVersion":"v2"}""", "")]
    [InlineData("""{"foo":1}""", "?fieldValidation=Strict")]
    public async Task A_patch_that_leaves_no_object_behind_is_at_fault_itself(string patch, string query)
    {
        var created = await CreateConfigMapAsync("patched", "\"data\":{\"a\":\"b\"}");
        var answer = (await PatchAsync($"{ConfigMaps}/{created.Name}{query}", patch)).Refused(422, "Invalid");
        Assert.Equal(["patch"], answer.CauseFields);
    }

    [Fact]
    public async Task A_patch_that_makes_another_object_of_it_is_refused()
    {
        var created = await CreateConfigMapAsync("patched");
        var answer = (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"metadata":{"uid":"other"}}""")).Refused(422, "Invalid");
        Assert.Equal(["metadata.uid"], answer.CauseFields.Distinct());
    }

    [Fact]
    public async Task Null_in_a_map_of_texts_is_an_empty_text()
    {
        var created = await CreateConfigMapAsync("nulls", "\"data\":{\"a\":null,\"b\":\"c\"}");
        Assert.Equal("", (string?)created.Json["data"]!["a"]);
        var patched = (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"b":null}}""")).Succeeded();
        Assert.Equal("""{"a":""}""", patched.Json["data"]!.ToJsonString());
    }
}
