using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

public sealed class OpenApiTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    [Theory]
    [InlineData("api/v1", "Pod", "/api/v1/namespaces/{namespace}/pods/{name}")]
    [InlineData("apis/apps/v1", "Deployment", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}")]
    [InlineData("apis/rbac.authorization.k8s.io/v1", "ClusterRole", "/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}")]
    public async Task The_index_leads_to_the_document_of_each_group_version(string groupVersion, string kind, string path)
    {
        var url = (string)(await GetAsync("/openapi/v3")).Succeeded().Json["paths"]![groupVersion]!["serverRelativeURL"]!;
        Assert.StartsWith($"/openapi/v3/{groupVersion}?hash=", url, StringComparison.Ordinal);

        var document = (await GetAsync(url)).Succeeded().Json;

        Assert.StartsWith("3.0", (string)document["openapi"]!, StringComparison.Ordinal);
        var schema = Schema(document, kind);
        Assert.NotNull(schema["properties"]!["metadata"]);
        var patch = document["paths"]![path]!["patch"]!;
        Assert.Equal(kind, (string?)patch["x-kubernetes-group-version-kind"]!["kind"]);
        Assert.Contains(patch["parameters"]!.AsArray(), parameter => (string?)parameter!["name"] == "fieldValidation");
    }

    [Fact]
    public async Task References_lead_somewhere()
    {
        var document = (await GetAsync("/openapi/v3/api/v1")).Succeeded().Json;
        var schemas = document["components"]!["schemas"]!.AsObject();

        foreach (var reference in References(document))
        {
            Assert.True(schemas.ContainsKey(reference.Split('/')[^1]), reference);
        }
    }

    [Fact]
    public async Task Custom_resources_are_published_with_their_schema_and_withdrawn_with_their_definition()
    {
        const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        var group = $"openapi.{Fixture.Group}";
        (await PostAsync(Definitions, $$$"""
            {"metadata":{"name":"gadgets.{{{group}}}"},"spec":{"group":"{{{group}}}","scope":"Namespaced","names":{"plural":"gadgets","kind":"Gadget"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","description":"A gadget.","properties":{
              "spec":{"type":"object","required":["size"],"properties":{"size":{"type":"integer","description":"How big."} } } } } } }] } }
            """)).Succeeded(201);
        var path = $"/openapi/v3/apis/{group}/v1";

        await EventuallyAsync(200, () => GetAsync(path));
        var schema = Schema((await GetAsync(path)).Json, "Gadget");
        Assert.Equal("A gadget.", (string?)schema["description"]);
        Assert.Equal("How big.", (string?)schema["properties"]!["spec"]!["properties"]!["size"]!["description"]);
        Assert.Equal("string", (string?)schema["properties"]!["kind"]!["type"]);

        (await DeleteAsync($"{Definitions}/gadgets.{group}")).Succeeded();
        await EventuallyAsync(404, () => GetAsync(path));
    }

    [Fact]
    public async Task A_document_that_the_client_has_is_not_sent_again()
    {
        var robot = await NewServiceAccountAsync();
        var tag = (await robot.GetAsync("/openapi/v3/apis/apps/v1")).Succeeded().Response.Headers.ETag!;

        var again = await robot.SendAsync(HttpMethod.Get, "/openapi/v3/apis/apps/v1", headers: ("If-None-Match", tag.ToString()));

        Assert.Equal(304, again.Code);
        Assert.Empty(again.Text);
    }

    [Fact]
    public async Task What_is_not_served_has_no_document() =>
        Assert.Equal(404, (await GetAsync("/openapi/v3/apis/nosuch.example.com/v1")).Code);

    private static JsonNode Schema(JsonObject document, string kind) =>
        document["components"]!["schemas"]!.AsObject().Single(entry => IsKind(entry.Value!, kind)).Value!;

    private static bool IsKind(JsonNode schema, string kind) =>
        schema["x-kubernetes-group-version-kind"] is JsonArray kinds && kinds.Count == 1 && (string?)kinds[0]!["kind"] == kind;

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(member => member.Key == "$ref" ? [(string)member.Value!] : References(member.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}
