using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class LeaseAndEventTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    private string Leases => $"/apis/coordination.k8s.io/v1/namespaces/{Fixture.Namespace}/leases";

    [Fact]
    public async Task Of_two_who_take_a_Lease_one_wins()
    {
        var created = (await PostAsync(Leases, $$$"""
            {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"{{{Unique("lease")}}}"},
             "spec":{"holderIdentity":"nobody","leaseDurationSeconds":15,"renewTime":"2026-11-24T08:00:00.123456Z"}}
            """)).Succeeded(201);
        Assert.Equal("2026-11-24T08:00:00.123456Z", (string?)created.Json["spec"]!["renewTime"]);

        var answers = await Task.WhenAll(((string[])["a", "b"]).Select(holder =>
        {
            var wanted = (JsonObject)created.Json.DeepClone();
            wanted["spec"]!["holderIdentity"] = holder;
            return PutAsync($"{Leases}/{created.Name}", wanted);
        }));

        Assert.Equal([200, 409], answers.Select(a => a.Code).Order());
    }

    [Theory]
    [InlineData(""", "type":"Sometimes" """, "")]
    [InlineData(""", "eventTime":"2026-11-24T08:00:00.000000Z" """, "reportingComponent reportingInstance action reason")]
    [InlineData(""", "eventTime":"2026-11-24T08:00:00.000000Z","reportingComponent":"a.b/c","reportingInstance":"d","action":"e","reason":"f" """, "")]
    public async Task An_event_with_a_time_says_who_reports_what(string more, string fields)
    {
        var answer = await PostAsync(
            $"/api/v1/namespaces/{Fixture.Namespace}/events",
            $$$"""{"apiVersion":"v1","kind":"Event","metadata":{"name":"{{{Unique("e")}}}"},"involvedObject":{"namespace":"{{{Fixture.Namespace}}}"}{{{more}}}}""");

        if (fields.Length == 0)
        {
            answer.Succeeded(201);
            return;
        }

        Assert.Equal(fields.Split(' ').Order(), answer.Refused(422, "Invalid").CauseFields.Distinct().Order());
    }

    [Fact]
    public async Task An_event_about_nothing_in_a_namespace_is_in_default()
    {
        const string Nothing = """{"apiVersion":"v1","kind":"Event","metadata":{"name":"x"},"involvedObject":{"kind":"Node","name":"n"}}""";
        (await PostAsync($"/api/v1/namespaces/{Fixture.Namespace}/events?dryRun=All", Nothing)).Refused(422, "Invalid");
        (await PostAsync("/api/v1/namespaces/kube-system/events?dryRun=All", Nothing)).Refused(422, "Invalid");
        (await PostAsync("/api/v1/namespaces/default/events?dryRun=All", Nothing)).Succeeded(201);
    }

    [Fact]
    public async Task Events_are_found_by_what_they_are_about()
    {
        var name = Unique("event");
        (await PostAsync($"/api/v1/namespaces/{Fixture.Namespace}/events", NewEvent(name))).Succeeded(201);
        Assert.Single((await GetAsync($"/api/v1/namespaces/{Fixture.Namespace}/events?fieldSelector=involvedObject.name%3D{name}")).Succeeded().Json["items"]!.AsArray());
    }

    [Fact]
    public async Task An_event_lives_where_its_object_does()
    {
        var answer = (await PostAsync($"/api/v1/namespaces/{Fixture.Namespace}/events", """
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"x"},"involvedObject":{"namespace":"elsewhere","name":"y"}}
            """)).Refused(422, "Invalid");
        Assert.Contains("involvedObject.namespace", answer.CauseFields);
    }

    private string NewEvent(string name) => $$$"""
        {"apiVersion":"v1","kind":"Event","metadata":{"name":"{{{name}}}"},"eventTime":"2026-11-24T08:00:00.000000Z",
         "reportingComponent":"conformance.test/controller","reportingInstance":"one","action":"Testing","reason":"Tested","message":"hello","type":"Normal",
         "involvedObject":{"kind":"ConfigMap","namespace":"{{{Fixture.Namespace}}}","name":"{{{name}}}"}}
        """;
}
