using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

/// <summary>Kinds of which the embedded cluster holds samples only: read, watch and delete work, any other write is 501.</summary>
public sealed class SampleTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Fact]
    public async Task A_sample_is_read_listed_watched_and_deleted()
    {
        var name = Unique("sample");
        await StorePodAsync(name);
        var version = (await GetAsync($"{Pods}/{name}")).Succeeded().ResourceVersion;
        Assert.Contains((await GetAsync($"{Pods}?fieldSelector=spec.schedulerName%3Dnobody")).Succeeded().Json["items"]!.AsArray(), p => (string?)p!["metadata"]!["name"] == name);
        using var watch = await Fixture.WatchAsync($"{Pods}?resourceVersion={version}&fieldSelector=metadata.name%3D{name}");

        (await DeleteAsync($"{Pods}/{name}", """{"gracePeriodSeconds":0}""")).Succeeded();

        WatchedEvent? last;
        do
        {
            last = await watch.NextAsync();
        }
        while (last?.Type == "MODIFIED");
        Assert.Equal("DELETED", last?.Type);
        await EventuallyGoneAsync($"{Pods}/{name}");
    }

    [Fact]
    public async Task Other_writes_are_not_implemented_and_say_what_to_do()
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster runs them");
        var name = Unique("sample");
        await StorePodAsync(name);
        var pod = (await GetAsync($"{Pods}/{name}")).Json;

        Answer[] answers =
        [
            await PostAsync(Pods, Workloads.Pod("new")),
            await PostAsync(Pods + "?dryRun=All", Workloads.Pod("new")),
            await PatchAsync($"{Pods}/new?fieldManager=a", Workloads.Pod("new"), "apply"),
            await PutAsync($"{Pods}/{name}", pod),
            await PatchAsync($"{Pods}/{name}", """{"metadata":{"labels":{"a":"b"}}}"""),
            await PatchAsync($"{Pods}/{name}/status", """{"status":{"phase":"Failed"}}"""),
            await PostAsync($"/apis/batch/v1/namespaces/{Fixture.Namespace}/jobs", """{"metadata":{"name":"j"},"spec":{}}"""),
        ];

        Assert.All(answers, answer => Assert.Contains("--cluster kubeconfig", (string?)answer.Refused(501, "NotImplemented").Json["message"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sample_keeps_the_status_it_was_given()
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "only the embedded cluster has samples");
        await Fixture.Cluster.Embedded.SeedAsync(
            $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: seeded, namespace: {{Fixture.Namespace}}}
            spec: {replicas: 2}
            status: {readyReplicas: 2}
            """,
            TestContext.Current.CancellationToken);

        Assert.Equal(2, (int)(await GetAsync($"{Deployments}/seeded")).Succeeded().Json["status"]!["readyReplicas"]!);
    }

    [Fact]
    public async Task In_a_missing_namespace_nothing_is_written()
    {
        (await PostAsync("/api/v1/namespaces/nosuch/pods", Workloads.Pod("p"))).Refused(404, "NotFound");
    }
}
