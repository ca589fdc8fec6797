using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class DeletionTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Fact]
    public async Task Deleting_answers_with_a_Status()
    {
        var created = await CreateConfigMapAsync("delete");
        var answer = (await DeleteAsync($"{ConfigMaps}/{created.Name}")).Succeeded();
        Assert.Equal("Status", (string?)answer.Json["kind"]);
        Assert.Equal("Success", (string?)answer.Json["status"]);
        Assert.Equal(created.Uid, (string?)answer.Json["details"]!["uid"]);
        (await GetAsync($"{ConfigMaps}/{created.Name}")).Refused(404, "NotFound");
        (await DeleteAsync($"{ConfigMaps}/{created.Name}")).Refused(404, "NotFound");
    }

    [Fact]
    public async Task A_deletion_for_another_uid_is_a_conflict()
    {
        var created = await CreateConfigMapAsync("uid");
        (await DeleteAsync($"{ConfigMaps}/{created.Name}", $$$"""{"preconditions":{"uid":"{{{Guid.NewGuid()}}}"}}""")).Refused(409, "Conflict");
        (await DeleteAsync($"{ConfigMaps}/{created.Name}", $$$"""{"preconditions":{"uid":"{{{created.Uid}}}"}}""")).Succeeded();
    }

    [Fact]
    public async Task A_deletion_of_another_version_is_a_conflict()
    {
        var created = await CreateConfigMapAsync("version");
        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"a":"b"}}""")).Succeeded();
        (await DeleteAsync($"{ConfigMaps}/{created.Name}", $$$"""{"preconditions":{"resourceVersion":"{{{created.ResourceVersion}}}"}}""")).Refused(409, "Conflict");
    }

    [Fact]
    public async Task A_dry_run_deletes_nothing()
    {
        var created = await CreateConfigMapAsync("dry");
        (await DeleteAsync($"{ConfigMaps}/{created.Name}?dryRun=All")).Succeeded();
        (await GetAsync($"{ConfigMaps}/{created.Name}")).Succeeded();
    }

    [Fact]
    public async Task A_finalizer_holds_the_object_until_it_is_removed()
    {
        var created = await CreateFinalizedAsync();
        var path = $"{ConfigMaps}/{created.Name}";

        var deleting = (await DeleteAsync(path)).Succeeded();
        Assert.Equal("ConfigMap", (string?)deleting.Json["kind"]);
        Assert.NotNull(deleting.Json["metadata"]!["deletionTimestamp"]);
        Assert.Equal(0, (int)deleting.Json["metadata"]!["deletionGracePeriodSeconds"]!);

        var again = (await DeleteAsync(path)).Succeeded();
        Assert.Equal((string?)deleting.Json["metadata"]!["deletionTimestamp"], (string?)again.Json["metadata"]!["deletionTimestamp"]);

        (await PatchAsync(path, """{"metadata":{"finalizers":null}}""")).Succeeded();
        (await GetAsync(path)).Refused(404, "NotFound");
    }

    [Fact]
    public async Task No_finalizer_is_added_to_what_is_going()
    {
        var created = await CreateFinalizedAsync();
        var path = $"{ConfigMaps}/{created.Name}";
        (await DeleteAsync(path)).Succeeded();

        var answer = (await PatchAsync(path, """{"metadata":{"finalizers":["a.test/hold","a.test/more"]}}""")).Refused(422, "Invalid");
        Assert.Equal(["metadata.finalizers"], answer.CauseFields.Distinct());
        (await PatchAsync(path, """{"metadata":{"finalizers":null}}""")).Succeeded();
    }

    [Fact]
    public async Task A_deletionTimestamp_is_not_taken_back()
    {
        var created = await CreateFinalizedAsync();
        var path = $"{ConfigMaps}/{created.Name}";
        (await DeleteAsync(path)).Succeeded();
        var patched = (await PatchAsync(path, """{"metadata":{"deletionTimestamp":null}}""")).Succeeded();
        Assert.NotNull(patched.Json["metadata"]!["deletionTimestamp"]);
        (await PatchAsync(path, """{"metadata":{"finalizers":null}}""")).Succeeded();
    }

    [Fact]
    public async Task Removing_the_last_finalizer_is_one_DELETED_event()
    {
        var created = await CreateFinalizedAsync();
        var path = $"{ConfigMaps}/{created.Name}";
        var deleting = (await DeleteAsync(path)).Succeeded();
        using var watch = await Fixture.WatchAsync($"{ConfigMaps}?resourceVersion={deleting.ResourceVersion}&fieldSelector=metadata.name%3D{created.Name}&timeoutSeconds=30");
        (await PatchAsync(path, """{"metadata":{"finalizers":null}}""")).Succeeded();
        await watch.ExpectAsync("DELETED", created.Name);
    }

    [Fact]
    public async Task An_owner_takes_its_dependents_along()
    {
        var owner = await CreateConfigMapAsync("owner");
        var dependent = await CreateDependentAsync(owner);
        (await DeleteAsync($"{ConfigMaps}/{owner.Name}", """{"propagationPolicy":"Background"}""")).Succeeded();
        await EventuallyGoneAsync($"{ConfigMaps}/{dependent.Name}");
    }

    [Fact]
    public async Task A_dependent_of_two_owners_stays_with_the_other()
    {
        var one = await CreateConfigMapAsync("owner");
        var two = await CreateConfigMapAsync("owner");
        var dependent = await CreateDependentAsync(one, two);
        (await DeleteAsync($"{ConfigMaps}/{one.Name}")).Succeeded();

        await EventuallyAsync(
            async () => (await GetAsync($"{ConfigMaps}/{dependent.Name}")).Succeeded().Json["metadata"]!["ownerReferences"]!.AsArray() is [{ } rest]
                && (string?)rest["uid"] == two.Uid,
            "the dangling owner is dropped");
    }

    [Fact]
    public async Task A_dependent_of_nobody_is_collected()
    {
        var owner = await CreateConfigMapAsync("owner");
        (await DeleteAsync($"{ConfigMaps}/{owner.Name}")).Succeeded();
        var late = await CreateDependentAsync(owner);
        await EventuallyGoneAsync($"{ConfigMaps}/{late.Name}");
    }

    [Fact]
    public async Task An_owner_of_the_same_name_is_not_the_owner()
    {
        var owner = await CreateConfigMapAsync("owner");
        var dependent = await CreateDependentAsync(owner);
        (await DeleteAsync($"{ConfigMaps}/{owner.Name}", """{"propagationPolicy":"Background"}""")).Succeeded();
        (await PostAsync(ConfigMaps, ConfigMap(owner.Name))).Succeeded(201);
        await EventuallyGoneAsync($"{ConfigMaps}/{dependent.Name}");
        (await GetAsync($"{ConfigMaps}/{owner.Name}")).Succeeded();
    }

    [Theory]
    [InlineData("""{"propagationPolicy":"Orphan"}""")]
    [InlineData("""{"propagationPolicy":"Foreground"}""")]
    [InlineData("""{"orphanDependents":true}""")]
    public async Task Other_deletions_than_in_the_background_are_refused_by_the_embedded_cluster(string options)
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster has them");
        var owner = await CreateConfigMapAsync("owner");
        (await DeleteAsync($"{ConfigMaps}/{owner.Name}", options)).Refused(501, "NotImplemented");
        (await PatchAsync($"{ConfigMaps}/{owner.Name}", """{"metadata":{"finalizers":["foregroundDeletion"]}}""")).Refused(501, "NotImplemented");
        Assert.Null((await GetAsync($"{ConfigMaps}/{owner.Name}")).Succeeded().Json["metadata"]!["deletionTimestamp"]);
    }

    [Fact]
    public async Task An_unknown_propagation_policy_is_invalid()
    {
        var created = await CreateConfigMapAsync("policy");
        (await DeleteAsync($"{ConfigMaps}/{created.Name}", """{"propagationPolicy":"Sideways"}""")).Refused(422, "Invalid");
    }

    [Fact]
    public async Task A_namespace_goes_when_its_content_is_gone()
    {
        var space = await Fixture.Cluster.CreateNamespaceAsync("going", TestContext.Current.CancellationToken);
        var held = (await PostAsync($"/api/v1/namespaces/{space}/configmaps", """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"held","finalizers":["a.test/hold"]}}
            """)).Succeeded(201);

        var deleting = (await DeleteAsync($"/api/v1/namespaces/{space}")).Succeeded();
        Assert.Equal("Terminating", (string?)deleting.Json["status"]!["phase"]);

        var refused = (await PostAsync($"/api/v1/namespaces/{space}/configmaps", ConfigMap("late"))).Refused(403, "Forbidden");
        Assert.Equal("NamespaceTerminating", (string?)refused.Json["details"]!["causes"]![0]!["reason"]);
        Assert.Contains("because it is being terminated", refused.Text, StringComparison.Ordinal);

        await EventuallyAsync(
            async () => (await GetAsync($"/api/v1/namespaces/{space}/configmaps/held")).Succeeded().Json["metadata"]!["deletionTimestamp"] is not null, "content is going");
        (await PatchAsync($"/api/v1/namespaces/{space}/configmaps/{held.Name}", """{"metadata":{"finalizers":null}}""")).Succeeded();
        await EventuallyGoneAsync($"/api/v1/namespaces/{space}");
    }

    [Fact]
    public async Task A_namespace_may_be_finalized_by_hand()
    {
        var name = Unique("finalized");
        var created = (await PostAsync("/api/v1/namespaces", $$$"""
            {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"},"spec":{"finalizers":["a.test/hold","kubernetes"]}}
            """)).Succeeded(201);
        Assert.Equal(2, created.Json["spec"]!["finalizers"]!.AsArray().Count);
        (await DeleteAsync($"/api/v1/namespaces/{name}")).Succeeded();

        // The ordinary update cannot lift it, the subresource can.
        (await PatchAsync($"/api/v1/namespaces/{name}", """{"spec":{"finalizers":[]}}""")).Succeeded();
        await EventuallyAsync(
            async () =>
            {
                var current = (await GetAsync($"/api/v1/namespaces/{name}")).Succeeded().Json;
                return current["spec"]!["finalizers"]!.AsArray() is [{ } only] && (string?)only == "a.test/hold";
            },
            "the content is gone, the other finalizer is not");
        var last = (await GetAsync($"/api/v1/namespaces/{name}")).Succeeded().Json;
        last["spec"]!["finalizers"] = new JsonArray();
        (await PutAsync($"/api/v1/namespaces/{name}/finalize", last)).Succeeded();
        await EventuallyGoneAsync($"/api/v1/namespaces/{name}");
    }

    [Fact]
    public async Task The_default_namespace_stays()
    {
        (await DeleteAsync("/api/v1/namespaces/default")).Refused(403, "Forbidden");
    }

    private async Task<Answer> CreateFinalizedAsync() => (await PostAsync(ConfigMaps, $$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{Unique("finalized")}}}","finalizers":["a.test/hold"]}}
        """)).Succeeded(201);

    private async Task<Answer> CreateDependentAsync(params Answer[] owners)
    {
        var body = JsonNode.Parse(ConfigMap(Unique("dependent")))!;
        body["metadata"]!["ownerReferences"] = new JsonArray([.. owners.Select(o => new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["name"] = o.Name,
            ["uid"] = o.Uid,
            ["blockOwnerDeletion"] = true,
        })]);
        return (await PostAsync(ConfigMaps, body.ToJsonString())).Succeeded(201);
    }
}
