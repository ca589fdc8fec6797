using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class CustomResourceTests(ConformanceFixture fixture) : CustomResourceTestBase(fixture)
{
    [Fact]
    public async Task A_definition_is_established()
    {
        var crd = (await GetAsync(Definition)).Succeeded().Json;
        var conditions = crd["status"]!["conditions"]!.AsArray().ToDictionary(c => (string)c!["type"]!, c => (string)c!["status"]!);
        Assert.Equal("True", conditions["Established"]);
        Assert.Equal("True", conditions["NamesAccepted"]);
        Assert.Equal("widget", (string?)crd["status"]!["acceptedNames"]!["singular"]);
        Assert.Equal("WidgetList", (string?)crd["status"]!["acceptedNames"]!["listKind"]);
        Assert.Equal("""["v1"]""", crd["status"]!["storedVersions"]!.ToJsonString());
    }

    [Fact]
    public async Task Discovery_knows_the_resource()
    {
        await EventuallyAsync(async () => (await GetAsync($"/apis/{Group}")).Code == 200, "the group is discovered");
        var resources = (await GetAsync($"/apis/{Group}/v1")).Succeeded().Json["resources"]!.AsArray();
        var widgets = resources.Single(r => (string?)r!["name"] == "widgets")!;
        Assert.Equal("Widget", (string?)widgets["kind"]);
        Assert.Contains("wd", widgets["shortNames"]!.AsArray().Select(s => (string?)s));
        Assert.Contains(resources, r => (string?)r!["name"] == "widgets/status");
        var group = (await GetAsync($"/apis/{Group}")).Succeeded().Json;
        Assert.Equal($"{Group}/v1", (string?)group["preferredVersion"]!["groupVersion"]);
    }

    [Fact]
    public async Task Defaults_are_filled_in()
    {
        var created = (await CreateAsync(Unique("w"), """{"color":"red","ports":[{"name":"http"}]}""")).Succeeded(201);
        Assert.Equal("standard", (string?)created.Json["spec"]!["mode"]);
        Assert.Equal(80, (int)created.Json["spec"]!["ports"]![0]!["number"]!);
        Assert.Equal(1, (int)created.Json["metadata"]!["generation"]!);
    }

    [Fact]
    public async Task Unknown_fields_are_pruned()
    {
        var created = (await CreateAsync(Unique("w"), """{"color":"red","colour":"red","free":{"any":{"thing":1}},"labels":{"a":"b"}}""")).Succeeded(201);
        Assert.Null(created.Json["spec"]!["colour"]);
        Assert.Equal(1, (int)created.Json["spec"]!["free"]!["any"]!["thing"]!);
        Assert.Equal("b", (string?)created.Json["spec"]!["labels"]!["a"]);
        Assert.Contains("unknown field", Assert.Single(created.Response.Headers.GetValues("Warning")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_fields_are_refused_when_asked()
    {
        var answer = (await CreateAsync(Unique("w"), """{"color":"red","colour":"red"}""", "?fieldValidation=Strict")).Refused(400, "BadRequest");
        Assert.Contains("spec.colour", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", "spec.color", "FieldValueRequired")]
    [InlineData("""{"color":"pink"}""", "spec.color", "FieldValueNotSupported")]
    [InlineData("""{"color":7}""", "spec.color", "FieldValueTypeInvalid")]
    [InlineData("""{"color":"red","code":"A-1"}""", "spec.code", "FieldValueInvalid")]
    [InlineData("""{"color":"red","code":"abcdefgh-12345"}""", "spec.code", "FieldValueTooLong")]
    [InlineData("""{"color":"red","size":0}""", "spec.size", "FieldValueInvalid")]
    [InlineData("""{"color":"red","size":101}""", "spec.size", "FieldValueInvalid")]
    [InlineData("""{"color":"red","size":1.5}""", "spec.size", "FieldValueTypeInvalid")]
    [InlineData("""{"color":"red","size":"1"}""", "spec.size", "FieldValueTypeInvalid")]
    [InlineData("""{"color":"red","tags":["a","b","c","d"]}""", "spec.tags", "FieldValueTooMany")]
    [InlineData("""{"color":"red","tags":["a","a"]}""", "spec.tags[1]", "FieldValueDuplicate")]
    [InlineData("""{"color":"red","ports":[{"name":"a"},{"name":"a"}]}""", "spec.ports[1]", "FieldValueDuplicate")]
    [InlineData("""{"color":"red","ports":[{"number":1}]}""", "spec.ports[0].name", "FieldValueRequired")]
    [InlineData("""{"color":"red","labels":{"a":1}}""", "spec.labels.a", "FieldValueTypeInvalid")]
    [InlineData("""{"color":"red","when":"yesterday"}""", "spec.when", "FieldValueTypeInvalid")]
    [InlineData("""{"color":null}""", "spec.color", "FieldValueRequired")]
    [InlineData("""{"color":"red","portion":true}""", "spec.portion", "FieldValueTypeInvalid")]
    [InlineData("""{"color":"red","size":13}""", "spec", "FieldValueInvalid")]
    public async Task The_schema_is_enforced(string spec, string field, string reason)
    {
        var answer = (await CreateAsync("invalid", spec)).Refused(422, "Invalid");
        Assert.Contains(field, answer.CauseFields);
        Assert.Contains(answer.Json["details"]!["causes"]!.AsArray(), c => (string?)c!["field"] == field && (string?)c["reason"] == reason);
        Assert.StartsWith($"Widget.{Group} \"invalid\" is invalid: ", (string)answer.Json["message"]!, StringComparison.Ordinal);
        Assert.Equal(Group, (string?)answer.Json["details"]!["group"]);
        Assert.Equal("Widget", (string?)answer.Json["details"]!["kind"]);
    }

    [Fact]
    public async Task What_the_schema_allows_is_kept()
    {
        var created = (await CreateAsync(Unique("w"), """{"color":"red","maybe":null,"portion":"50%","when":"2026-11-24T08:00:00Z"}""")).Succeeded(201);
        Assert.True(created.Json["spec"]!.AsObject().ContainsKey("maybe"));
        Assert.Equal("50%", (string?)created.Json["spec"]!["portion"]);
        (await CreateAsync(Unique("w"), """{"color":"red","portion":3}""")).Succeeded(201);
    }

    [Fact]
    public async Task Rules_compare_with_what_was()
    {
        var name = Unique("w");
        (await CreateAsync(name, """{"color":"red","owner":"alice"}""")).Succeeded(201);
        (await PatchAsync($"{Widgets}/{name}", """{"spec":{"color":"blue"}}""")).Succeeded();

        var changed = (await PatchAsync($"{Widgets}/{name}", """{"spec":{"owner":"bob"}}""")).Refused(422, "Invalid");
        Assert.Contains("owner is immutable", changed.Text, StringComparison.Ordinal);
        Assert.Equal(["spec.owner"], changed.CauseFields);

        var removed = (await PatchAsync($"{Widgets}/{name}", """{"spec":{"owner":null}}""")).Refused(422, "Invalid");
        Assert.Contains("owner cannot be removed", removed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_and_spec_are_apart()
    {
        var name = Unique("w");
        var created = (await CreateAsync(name, """{"color":"red"}""")).Succeeded(201);

        var ignored = (await PatchAsync($"{Widgets}/{name}", """{"status":{"size":5}}""")).Succeeded();
        Assert.Null(ignored.Json["status"]);
        Assert.Equal(created.ResourceVersion, ignored.ResourceVersion);

        var status = (await PatchAsync($"{Widgets}/{name}/status", """{"spec":{"color":"blue"},"metadata":{"labels":{"a":"b"}},"status":{"size":5}}""")).Succeeded();
        Assert.Equal(5, (int)status.Json["status"]!["size"]!);
        Assert.Equal("red", (string?)status.Json["spec"]!["color"]);
        Assert.Null(status.Json["metadata"]!["labels"]);
        Assert.Equal(1, (int)status.Json["metadata"]!["generation"]!);

        var spec = (await PatchAsync($"{Widgets}/{name}", """{"spec":{"color":"blue"},"status":{"size":9}}""")).Succeeded();
        Assert.Equal(5, (int)spec.Json["status"]!["size"]!);
        Assert.Equal(2, (int)spec.Json["metadata"]!["generation"]!);
    }

    [Fact]
    public async Task Status_is_dropped_on_creation()
    {
        var created = (await PostAsync(Widgets, $$$"""
            {"apiVersion":"{{{Group}}}/v1","kind":"Widget","metadata":{"name":"{{{Unique("w")}}}"},"spec":{"color":"red"},"status":{"size":5}}
            """)).Succeeded(201);
        Assert.Null(created.Json["status"]);
    }

    [Fact]
    public async Task An_update_names_the_version_it_changes()
    {
        var name = Unique("w");
        var created = (await CreateAsync(name, """{"color":"red"}""")).Succeeded(201);
        var wanted = (JsonObject)created.Json.DeepClone();
        wanted["metadata"]!.AsObject().Remove("resourceVersion");
        var answer = (await PutAsync($"{Widgets}/{name}", wanted)).Refused(422, "Invalid");
        Assert.Equal(["metadata.resourceVersion"], answer.CauseFields);
        Assert.Contains("must be specified for an update", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strategic_merge_patch_is_for_built_in_types()
    {
        var name = Unique("w");
        (await CreateAsync(name, """{"color":"red"}""")).Succeeded(201);
        (await PatchAsync($"{Widgets}/{name}", """{"spec":{"color":"blue"}}""", "strategic")).Refused(415, "UnsupportedMediaType");
    }

    [Fact]
    public async Task Tables_have_the_definitions_columns()
    {
        var name = Unique("w");
        (await CreateAsync(name, """{"color":"red","size":3}""")).Succeeded(201);
        (await PatchAsync($"{Widgets}/{name}/status", """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""")).Succeeded();

        var table = (await GetAsync($"{Widgets}/{name}", "application/json;as=Table;v=v1;g=meta.k8s.io")).Succeeded().Json;

        Assert.Equal(["Name", "Color", "Ready", "Size", "Age"], table["columnDefinitions"]!.AsArray().Select(c => (string?)c!["name"]));
        Assert.Equal(1, (int)table["columnDefinitions"]![3]!["priority"]!);
        var cells = table["rows"]![0]!["cells"]!.AsArray();
        Assert.Equal(name, (string?)cells[0]);
        Assert.Equal("red", (string?)cells[1]);
        Assert.Equal("True", (string?)cells[2]);
        Assert.Equal(3, (int)cells[3]!);
    }

    [Fact]
    public async Task Apply_merges_list_maps_by_key()
    {
        var name = Unique("w");
        (await ApplyAsync(name, "one", """{"color":"red","ports":[{"name":"a","number":1}]}""")).Succeeded(201);
        var merged = (await ApplyAsync(name, "two", """{"color":"red","ports":[{"name":"b","number":2}]}""")).Succeeded();
        Assert.Equal(2, merged.Json["spec"]!["ports"]!.AsArray().Count);
        (await ApplyAsync(name, "two", """{"color":"red","ports":[{"name":"a","number":3}]}""")).Refused(409, "Conflict");
    }

    [Fact]
    public async Task A_watch_sees_custom_resources()
    {
        var version = (string)(await GetAsync(Widgets)).Succeeded().Json["metadata"]!["resourceVersion"]!;
        using var watch = await Fixture.WatchAsync($"{Widgets}?resourceVersion={version}&timeoutSeconds=30");
        var name = Unique("w");
        (await CreateAsync(name, """{"color":"red"}""")).Succeeded(201);
        await watch.ExpectAsync("ADDED", name);
        (await PatchAsync($"{Widgets}/{name}/status", """{"status":{"size":1}}""")).Succeeded();
        await watch.ExpectAsync("MODIFIED", name);
    }

    [Fact]
    public async Task The_body_says_what_it_is()
    {
        var kind = (await PostAsync(Widgets, $$$"""{"apiVersion":"{{{Group}}}/v1","kind":"Gadget","metadata":{"name":"x"},"spec":{"color":"red"}}""")).Refused(422, "Invalid");
        Assert.Equal(["kind"], kind.CauseFields);
        (await PostAsync(Widgets, """{"apiVersion":"v1","kind":"Widget","metadata":{"name":"x"},"spec":{"color":"red"}}""")).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task A_patch_that_leaves_no_custom_object_behind_is_at_fault_itself()
    {
        var name = Unique("w");
        (await CreateAsync(name, """{"color":"red"}""")).Succeeded(201);
        Assert.Equal(["patch"], (await PatchAsync($"{Widgets}/{name}", """{"metadata":{"labels":5}}""")).Refused(422, "Invalid").CauseFields);
        Assert.Equal(["patch"], (await PatchAsync($"{Widgets}/{name}?fieldValidation=Strict", """{"spec":{"nosuch":5}}""")).Refused(422, "Invalid").CauseFields);
        Assert.Equal(["apiVersion"], (await PatchAsync($"{Widgets}/{name}", """{"apiVersion":"other/v1"}""")).Refused(422, "Invalid").CauseFields);
    }

    [Theory]
    [InlineData("""{"color":"red","size":13,"code":"A-1"}""", "spec spec.code")]
    [InlineData("""{"color":"pink","size":13}""", "<nil> spec.color")]
    public async Task Rules_are_checked_as_far_as_the_object_is_sound(string spec, string fields)
    {
        var answer = (await CreateAsync("unsound", spec)).Refused(422, "Invalid");
        Assert.Equal(fields.Split(' '), answer.CauseFields.Order(StringComparer.Ordinal));
    }

    private Task<Answer> ApplyAsync(string name, string manager, string spec) => PatchAsync(
        $"{Widgets}/{name}?fieldManager={manager}",
        $$$$"""{"apiVersion":"{{{{Group}}}}/v1","kind":"Widget","metadata":{"name":"{{{{name}}}}"},"spec":{{{{spec}}}}}""",
        "apply");
}
