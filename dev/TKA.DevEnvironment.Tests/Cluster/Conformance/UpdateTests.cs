using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class UpdateTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Fact]
    public async Task An_update_on_the_version_read_succeeds_and_moves_the_version()
    {
        var created = await CreateConfigMapAsync("update", "\"data\":{\"k\":\"1\"}");
        var wanted = created.Json;
        wanted["data"]!["k"] = "2";

        var updated = (await PutAsync($"{ConfigMaps}/{created.Name}", wanted)).Succeeded();

        Assert.Equal("2", (string?)updated.Json["data"]!["k"]);
        Assert.NotEqual(created.ResourceVersion, updated.ResourceVersion);
        Assert.Equal(created.Uid, updated.Uid);
    }

    [Fact]
    public async Task An_update_on_an_older_version_is_a_conflict()
    {
        var created = await CreateConfigMapAsync("conflict");
        var stale = created.Json;
        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"a":"b"}}""")).Succeeded();
        stale["data"] = new JsonObject { ["c"] = "d" };

        var answer = (await PutAsync($"{ConfigMaps}/{created.Name}", stale)).Refused(409, "Conflict");

        Assert.Equal(
            $"Operation cannot be fulfilled on configmaps \"{created.Name}\": the object has been modified; please apply your changes to the latest version and try again",
            (string?)answer.Json["message"]);
    }

    [Fact]
    public async Task An_update_without_a_version_overwrites_a_ConfigMap()
    {
        var created = await CreateConfigMapAsync("unconditional", "\"data\":{\"k\":\"1\"}");
        var updated = (await PutAsync($"{ConfigMaps}/{created.Name}", JsonNode.Parse(ConfigMap(created.Name, "\"data\":{\"n\":\"2\"}"))!)).Succeeded();
        Assert.Equal("""{"n":"2"}""", updated.Json["data"]!.ToJsonString());
    }

    [Fact]
    public async Task An_update_that_changes_nothing_keeps_the_version()
    {
        var created = await CreateConfigMapAsync("same", "\"data\":{\"k\":\"1\"}");
        var again = (await PutAsync($"{ConfigMaps}/{created.Name}", created.Json)).Succeeded();
        Assert.Equal(created.ResourceVersion, again.ResourceVersion);
    }

    [Fact]
    public async Task An_update_of_nothing_is_not_found()
    {
        (await PutAsync($"{ConfigMaps}/nobody", JsonNode.Parse(ConfigMap("nobody"))!)).Refused(404, "NotFound");
    }

    [Fact]
    public async Task An_update_names_the_object_of_its_path()
    {
        var created = await CreateConfigMapAsync("name");
        (await PutAsync($"{ConfigMaps}/{created.Name}", JsonNode.Parse(ConfigMap("other"))!)).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task An_update_for_another_uid_is_a_conflict()
    {
        var created = await CreateConfigMapAsync("uid");
        var wanted = created.Json;
        wanted["metadata"]!["uid"] = Guid.NewGuid().ToString();
        (await PutAsync($"{ConfigMaps}/{created.Name}", wanted)).Refused(409, "Conflict");
    }

    [Fact]
    public async Task CreationTimestamp_does_not_change()
    {
        var created = await CreateConfigMapAsync("created");
        var wanted = created.Json;
        wanted["metadata"]!["creationTimestamp"] = "2001-01-01T00:00:00Z";
        wanted["data"] = new JsonObject { ["a"] = "b" };
        var answer = (await PutAsync($"{ConfigMaps}/{created.Name}", wanted)).Succeeded();
        Assert.Equal((string?)created.Json["metadata"]!["creationTimestamp"], (string?)answer.Json["metadata"]!["creationTimestamp"]);
    }

    [Fact]
    public async Task A_dry_run_update_changes_nothing()
    {
        var created = await CreateConfigMapAsync("dry");
        var wanted = created.Json;
        wanted["data"] = new JsonObject { ["a"] = "b" };
        var answer = (await PutAsync($"{ConfigMaps}/{created.Name}?dryRun=All", wanted)).Succeeded();
        Assert.Equal("b", (string?)answer.Json["data"]!["a"]);
        Assert.Null((await GetAsync($"{ConfigMaps}/{created.Name}")).Json["data"]);
    }

    [Fact]
    public async Task Generation_counts_changes_of_a_Deployments_spec_only()
    {
        var name = Unique("generation");
        var created = (await PostAsync(Deployments, Workloads.Deployment(name))).Succeeded(201);
        Assert.Equal(1, (int)created.Json["metadata"]!["generation"]!);

        var labelled = (await PatchAsync($"{Deployments}/{name}", """{"metadata":{"labels":{"a":"b"}}}""")).Succeeded();
        Assert.Equal(1, (int)labelled.Json["metadata"]!["generation"]!);

        var scaled = (await PatchAsync($"{Deployments}/{name}", """{"spec":{"paused":true}}""")).Succeeded();
        Assert.Equal(2, (int)scaled.Json["metadata"]!["generation"]!);
    }

    [Fact]
    public async Task Status_is_written_through_its_subresource_only()
    {
        var name = Unique("status");
        var created = (await PostAsync(Deployments, Workloads.Deployment(name, "\"status\":{\"availableReplicas\":7}"))).Succeeded(201);
        Assert.NotEqual(7, (int?)created.Json["status"]?["availableReplicas"] ?? 0);

        (await PatchAsync($"{Deployments}/{name}", """{"status":{"availableReplicas":8}}""")).Succeeded();
        Assert.NotEqual(8, (int?)(await GetAsync($"{Deployments}/{name}")).Json["status"]?["availableReplicas"] ?? 0);
    }
}
