using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class ServerSideApplyTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Fact]
    public async Task Apply_creates_and_records_ownership()
    {
        var name = Unique("apply");
        var created = (await ApplyAsync(name, "one", """{"a":"1"}""")).Succeeded(201);

        var entry = Assert.Single(created.Json["metadata"]!["managedFields"]!.AsArray())!;
        Assert.Equal("one", (string?)entry["manager"]);
        Assert.Equal("Apply", (string?)entry["operation"]);
        Assert.Equal("v1", (string?)entry["apiVersion"]);
        Assert.Equal("FieldsV1", (string?)entry["fieldsType"]);
        Assert.NotNull(entry["fieldsV1"]!["f:data"]!["f:a"]);
    }

    [Fact]
    public async Task Applying_the_same_again_changes_nothing()
    {
        var name = Unique("apply");
        var created = (await ApplyAsync(name, "one", """{"a":"1"}""")).Succeeded(201);
        var again = (await ApplyAsync(name, "one", """{"a":"1"}""")).Succeeded();
        Assert.Equal(created.ResourceVersion, again.ResourceVersion);
    }

    [Fact]
    public async Task What_a_manager_no_longer_applies_goes()
    {
        var name = Unique("apply");
        (await ApplyAsync(name, "one", """{"a":"1","b":"2"}""")).Succeeded(201);
        var less = (await ApplyAsync(name, "one", """{"a":"1"}""")).Succeeded();
        Assert.Equal("""{"a":"1"}""", less.Json["data"]!.ToJsonString());
    }

    [Fact]
    public async Task What_two_managers_apply_stays_while_one_does()
    {
        var name = Unique("apply");
        (await ApplyAsync(name, "one", """{"a":"1","b":"2"}""")).Succeeded(201);
        (await ApplyAsync(name, "two", """{"b":"2"}""")).Succeeded();
        var less = (await ApplyAsync(name, "one", """{"a":"1"}""")).Succeeded();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"a":"1","b":"2"}"""), less.Json["data"]));
    }

    [Fact]
    public async Task Who_writes_the_first_entry_owns_the_map_too()
    {
        var created = await CreateConfigMapAsync("owner", "\"data\":{\"a\":\"1\"}");
        AssertFields("""{"f:data":{".":{},"f:a":{}}}""", created, 0);

        var labelled = (await PatchAsync($"{ConfigMaps}/{created.Name}?fieldManager=other", """{"metadata":{"labels":{"b":"c"}}}""")).Succeeded();
        AssertFields("""{"f:metadata":{"f:labels":{".":{},"f:b":{}}}}""", labelled, "other");

        // It stays while its owner says nothing about it, even when nothing is left in it.
        await PatchAsync($"{ConfigMaps}/{created.Name}?fieldManager=more", """{"metadata":{"labels":{"d":"e"}}}""");
        var less = (await PatchAsync($"{ConfigMaps}/{created.Name}?fieldManager=more", """{"metadata":{"labels":{"d":null}}}""")).Succeeded();
        AssertFields("""{"f:metadata":{"f:labels":{".":{},"f:b":{}}}}""", less, "other");
    }

    private static void AssertFields(string expected, Answer answer, int entry) =>
        AssertSame(expected, answer.Json["metadata"]!["managedFields"]![entry]!["fieldsV1"]!);

    private static void AssertFields(string expected, Answer answer, string manager) =>
        AssertSame(expected, answer.Json["metadata"]!["managedFields"]!.AsArray().Single(e => (string?)e!["manager"] == manager)!["fieldsV1"]!);

    private static void AssertSame(string expected, JsonNode fields) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), fields), fields.ToJsonString());

    [Theory]
    [InlineData("")]
    [InlineData("&fieldValidation=Ignore")]
    public async Task Nobody_owns_a_field_that_there_is_not(string query)
    {
        var name = Unique("apply");
        var answer = await PatchAsync($"{ConfigMaps}/{name}?fieldManager=one{query}", ConfigMap(name, "\"foo\":1"), "apply");
        Assert.Equal(500, answer.Code);
        Assert.Equal($"failed to create typed patch object (/{name}; /v1, Kind=ConfigMap): .foo: field not declared in schema", (string?)answer.Json["message"]);
        (await GetAsync($"{ConfigMaps}/{name}")).Refused(404, "NotFound");
    }

    [Fact]
    public async Task Another_managers_field_is_a_conflict()
    {
        var name = Unique("apply");
        (await ApplyAsync(name, "one", """{"a":"1"}""")).Succeeded(201);

        var answer = (await ApplyAsync(name, "two", """{"a":"2"}""")).Refused(409, "Conflict");

        Assert.Equal([".data.a"], answer.CauseFields);
        var cause = answer.Json["details"]!["causes"]![0]!;
        Assert.Equal("FieldManagerConflict", (string?)cause["reason"]);
        Assert.Equal("conflict with \"one\"", (string?)cause["message"]);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .data.a", (string?)answer.Json["message"]);
    }

    [Fact]
    public async Task Force_takes_the_field_over()
    {
        var name = Unique("apply");
        (await ApplyAsync(name, "one", """{"a":"1","b":"1"}""")).Succeeded(201);
        var forced = (await ApplyAsync(name, "two", """{"a":"2"}""", "&force=true")).Succeeded();
        Assert.Equal("2", (string?)forced.Json["data"]!["a"]);

        var owners = forced.Json["metadata"]!["managedFields"]!.AsArray().ToDictionary(e => (string)e!["manager"]!, e => e!["fieldsV1"]!["f:data"]!.AsObject());
        Assert.False(owners["one"].ContainsKey("f:a"));
        Assert.True(owners["two"].ContainsKey("f:a"));
    }

    [Fact]
    public async Task An_update_takes_ownership_and_then_conflicts()
    {
        var name = Unique("apply");
        (await ApplyAsync(name, "one", """{"a":"1"}""")).Succeeded(201);
        (await PatchAsync($"{ConfigMaps}/{name}?fieldManager=editor", """{"data":{"a":"edited"}}""")).Succeeded();

        var answer = (await ApplyAsync(name, "one", """{"a":"1"}""")).Refused(409, "Conflict");
        Assert.Contains("conflict with \\u0022editor\\u0022", answer.Text.Replace("\\\"", "\\u0022", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_with_keys_are_owned_item_by_item()
    {
        var name = Unique("apply");
        (await ApplyDeploymentAsync(name, "one", """[{"name":"web","image":"registry.k8s.io/pause:3.10"}]""")).Succeeded(201);
        (await ApplyDeploymentAsync(name, "two", """[{"name":"side","image":"registry.k8s.io/pause:3.9"}]""")).Succeeded();

        var less = (await ApplyDeploymentAsync(name, "two", """[{"name":"other","image":"registry.k8s.io/pause:3.9"}]""")).Succeeded();

        Assert.Equal(
            ["other", "web"],
            less.Json["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(c => (string?)c!["name"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Apply_needs_a_manager()
    {
        var answer = (await PatchAsync($"{ConfigMaps}/x", ConfigMap("x"), "apply")).Refused(422, "Invalid");
        Assert.Contains("fieldManager", answer.CauseFields);
    }

    [Fact]
    public async Task Force_is_for_apply_only()
    {
        var created = await CreateConfigMapAsync("force");
        var answer = (await PatchAsync($"{ConfigMaps}/{created.Name}?force=true", "{}")).Refused(422, "Invalid");
        Assert.Contains("force", answer.CauseFields);
    }

    [Fact]
    public async Task ManagedFields_cannot_be_applied()
    {
        (await PatchAsync($"{ConfigMaps}/x?fieldManager=one", """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","managedFields":[{"manager":"m","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{}}]}}
            """, "apply")).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task Creates_and_updates_are_recorded_too()
    {
        var created = await CreateConfigMapAsync("managed", "\"data\":{\"a\":\"1\"}");
        var entry = Assert.Single(created.Json["metadata"]!["managedFields"]!.AsArray())!;
        Assert.Equal("conformance", (string?)entry["manager"]);
        Assert.Equal("Update", (string?)entry["operation"]);

        var patched = (await PatchAsync($"{ConfigMaps}/{created.Name}?fieldManager=other", """{"data":{"b":"2"}}""")).Succeeded();
        Assert.Equal(["conformance", "other"], patched.Json["metadata"]!["managedFields"]!.AsArray().Select(e => (string?)e!["manager"]).Order(StringComparer.Ordinal));
    }

    private Task<Answer> ApplyAsync(string name, string manager, string data, string more = "") =>
        PatchAsync($"{ConfigMaps}/{name}?fieldManager={manager}{more}", ConfigMap(name, $"\"data\":{data}"), "apply");

    private Task<Answer> ApplyDeploymentAsync(string name, string manager, string containers) =>
        PatchAsync(
            $"{Deployments}/{name}?fieldManager={manager}",
            $$$$$$$$$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{{{{{{{name}}}}}}}}}"},
             "spec":{"selector":{"matchLabels":{"app":"{{{{{{{{{name}}}}}}}}}"}},
               "template":{"metadata":{"labels":{"app":"{{{{{{{{{name}}}}}}}}}"}},"spec":{"containers":{{{{{{{{{containers}}}}}}}}}}}}}
            """,
            "apply");
}
