using System.Text.Json.Nodes;
using Xunit;

namespace TKA.Tests.Cluster.Conformance;

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

    [Fact]
    public async Task An_event_has_two_names()
    {
        var name = Unique("event");
        (await PostAsync($"/api/v1/namespaces/{Fixture.Namespace}/events", $$$"""
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"{{{name}}}"},"reason":"Tested","message":"hello","type":"Normal","count":2,
             "involvedObject":{"kind":"ConfigMap","namespace":"{{{Fixture.Namespace}}}","name":"{{{name}}}"},"source":{"component":"conformance"}}
            """)).Succeeded(201);

        var other = (await GetAsync($"/apis/events.k8s.io/v1/namespaces/{Fixture.Namespace}/events/{name}")).Succeeded();

        Assert.Equal("events.k8s.io/v1", (string?)other.Json["apiVersion"]);
        Assert.Equal("hello", (string?)other.Json["note"]);
        Assert.Equal(name, (string?)other.Json["regarding"]!["name"]);
        Assert.Equal("conformance", (string?)other.Json["deprecatedSource"]!["component"]);
        Assert.Equal(2, (int)other.Json["deprecatedCount"]!);
    }

    [Fact]
    public async Task A_new_event_is_readable_as_an_old_one()
    {
        var name = Unique("event");
        (await PostAsync($"/apis/events.k8s.io/v1/namespaces/{Fixture.Namespace}/events", NewEvent(name))).Succeeded(201);
        var old = (await GetAsync($"/api/v1/namespaces/{Fixture.Namespace}/events/{name}")).Succeeded();
        Assert.Equal("hello", (string?)old.Json["message"]);
        Assert.Equal("conformance.test/controller", (string?)old.Json["reportingComponent"]);
        Assert.Equal(name, (string?)old.Json["involvedObject"]!["name"]);
    }

    [Fact]
    public async Task A_new_event_says_who_reports_what_and_when()
    {
        var answer = (await PostAsync($"/apis/events.k8s.io/v1/namespaces/{Fixture.Namespace}/events", $$$"""
            {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"x"},"regarding":{"namespace":"{{{Fixture.Namespace}}}"},"type":"Sometimes"}
            """)).Refused(422, "Invalid");
        Assert.Contains("eventTime", answer.CauseFields);
        Assert.Contains("reportingController", answer.CauseFields);
        Assert.Contains("reason", answer.CauseFields);
        Assert.Contains("type", answer.CauseFields);
    }

    [Fact]
    public async Task Events_are_found_by_what_they_are_about()
    {
        var name = Unique("event");
        (await PostAsync($"/apis/events.k8s.io/v1/namespaces/{Fixture.Namespace}/events", NewEvent(name))).Succeeded(201);
        foreach (var query in (string[])[$"/api/v1/namespaces/{Fixture.Namespace}/events?fieldSelector=involvedObject.name%3D{name}", $"/apis/events.k8s.io/v1/namespaces/{Fixture.Namespace}/events?fieldSelector=regarding.name%3D{name}"])
        {
            Assert.Single((await GetAsync(query)).Succeeded().Json["items"]!.AsArray());
        }
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
        {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"{{{name}}}"},"eventTime":"2026-11-24T08:00:00.000000Z",
         "reportingController":"conformance.test/controller","reportingInstance":"one","action":"Testing","reason":"Tested","note":"hello","type":"Normal",
         "regarding":{"kind":"ConfigMap","namespace":"{{{Fixture.Namespace}}}","name":"{{{name}}}"}}
        """;
}
