using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class CustomResourceDefinitionTests(ConformanceFixture fixture) : CustomResourceTestBase(fixture)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Theory]
    [InlineData("/metadata/name", "\"other.example.com\"", "metadata.name")]
    [InlineData("/spec/scope", "\"Everywhere\"", "spec.scope")]
    [InlineData("/spec/versions", "[]", "spec.versions")]
    [InlineData("/spec/versions/0/storage", "false", "spec.versions")]
    [InlineData("/spec/versions/0/schema", "{}", "spec.versions[0].schema.openAPIV3Schema")]
    [InlineData("/spec/versions/0/schema/openAPIV3Schema/type", "\"string\"", "spec.versions[0].schema.openAPIV3Schema.type")]
    [InlineData("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/color", "{}", "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[color].type")]
    [InlineData("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/code/pattern", "\"[\"", "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[code].pattern")]
    [InlineData("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/tags/uniqueItems", "true", "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[tags].uniqueItems")]
    [InlineData("/spec/group", "\"widgets.k8s.io\"", "metadata.annotations[api-approved.kubernetes.io]")]
    [InlineData("/spec/versions/0/additionalPrinterColumns/0/jsonPath", "\"spec\"", "spec.versions[0].additionalPrinterColumns[0].jsonPath")]
    [InlineData("/spec/versions/0/additionalPrinterColumns/0/type", "\"text\"", "spec.versions[0].additionalPrinterColumns[0].type")]
    [InlineData("/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/0/rule", "\"this is not CEL\"", "spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule")]
    public async Task A_definition_is_validated(string at, string value, string field)
    {
        var body = JsonNode.Parse(DefinitionBody(Group, "gadgets"))!;
        var parts = at[1..].Split('/');
        var target = body;
        foreach (var part in parts[..^1])
        {
            target = target is JsonArray array ? array[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)]! : target[part]!;
        }

        target[parts[^1]] = JsonNode.Parse(value);

        var answer = (await PostAsync(Definitions, body.ToJsonString())).Refused(422, "Invalid");
        Assert.Contains(field, answer.CauseFields.Select(ManifestTests.SingleVersion));
    }

    [Theory]
    [InlineData("/spec/versions/-", """{"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}""", "spec.versions")]
    [InlineData("/spec/versions/0/subresources/scale", """{"specReplicasPath":".spec.size","statusReplicasPath":".status.size"}""", "spec.versions[0].subresources.scale")]
    [InlineData("/spec/versions/0/selectableFields", """[{"jsonPath":".spec.color"}]""", "spec.versions[0].selectableFields")]
    [InlineData("/spec/versions/0/schema/openAPIV3Schema/properties/spec/oneOf", """[{"required":["color"]}]""", "spec.versions[0].schema.openAPIV3Schema.properties[spec].oneOf")]
    [InlineData("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/multipleOf", "2", "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[size].multipleOf")]
    [InlineData("/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations/0/optionalOldSelf", "true", "spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].optionalOldSelf")]
    public async Task What_the_embedded_cluster_does_not_enforce_it_refuses(string at, string value, string field)
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster enforces it");

        var answer = (await PatchAsync(Definition, $$"""[{"op":"add","path":"{{at}}","value":{{value}} }]""", "json")).Refused(422, "Invalid");

        Assert.Equal([field], answer.CauseFields);
    }

    [Fact]
    public async Task A_name_that_another_definition_of_the_group_has_is_never_accepted()
    {
        var other = DefinitionBody(Group, "others");
        var answer = await PostAsync($"{Definitions}?dryRun=All", other);
        if (Fixture.Cluster.IsEmbedded)
        {
            answer.Refused(501, "NotImplemented");
            (await PostAsync($"{Definitions}?dryRun=All", other.Replace("Widget", "Other", StringComparison.Ordinal).Replace("\"wd\"", "\"widget\"", StringComparison.Ordinal))).Refused(501, "NotImplemented");
            (await PostAsync($"{Definitions}?dryRun=All", other.Replace("Widget", "Other", StringComparison.Ordinal).Replace("\"wd\"", "\"ot\"", StringComparison.Ordinal))).Succeeded(201);
        }
        else
        {
            Assert.DoesNotContain("\"Established\",\"status\":\"True\"", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Group_and_scope_never_change()
    {
        var answer = (await PatchAsync(Definition, """{"spec":{"scope":"Cluster"}}""")).Refused(422, "Invalid");
        Assert.Contains("spec.scope", answer.CauseFields);
    }

    [Fact]
    public async Task A_changed_schema_takes_effect()
    {
        var group = $"changed.{Group}";
        (await PostAsync(Definitions, DefinitionBody(group))).Succeeded(201);
        var widgets = $"/apis/{group}/v1/namespaces/{Fixture.Namespace}/widgets";
        await EventuallyAsync(async () => (await GetAsync(widgets)).Code == 200, "widgets are served");
        var body = $$$$"""{"apiVersion":"{{{{group}}}}/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"color":"purple"}}""";
        (await PostAsync($"{widgets}?dryRun=All", body)).Refused(422, "Invalid");

        (await PatchAsync(
            $"{Definitions}/widgets.{group}",
            """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/color/enum/-","value":"purple"}]""",
            "json")).Succeeded();

        await EventuallyAsync(async () => (await PostAsync($"{widgets}?dryRun=All", body)).Code == 201, "the new schema is used");
        (await DeleteAsync($"{Definitions}/widgets.{group}")).Succeeded();
    }

    [Fact]
    public async Task Deleting_a_definition_deletes_its_objects_and_its_API()
    {
        var group = $"going.{Group}";
        (await PostAsync(Definitions, DefinitionBody(group))).Succeeded(201);
        var widgets = $"/apis/{group}/v1/namespaces/{Fixture.Namespace}/widgets";
        await EventuallyAsync(async () => (await GetAsync(widgets)).Code == 200, "widgets are served");
        (await PostAsync(widgets, $$$$"""{"apiVersion":"{{{{group}}}}/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"color":"red"}}""")).Succeeded(201);

        (await DeleteAsync($"{Definitions}/widgets.{group}")).Succeeded();

        await EventuallyGoneAsync($"{Definitions}/widgets.{group}");
        await EventuallyAsync(async () => (await GetAsync(widgets)).Code == 404, "widgets are no longer served");

        (await PostAsync(Definitions, DefinitionBody(group))).Succeeded(201);
        await EventuallyAsync(async () => (await GetAsync(widgets)).Code == 200, "widgets are served again");
        Assert.Empty((await GetAsync(widgets)).Json["items"]!.AsArray());
        (await DeleteAsync($"{Definitions}/widgets.{group}")).Succeeded();
    }

    [Fact]
    public async Task Custom_objects_can_own_and_be_collected()
    {
        var owner = (await CreateAsync(Unique("w"), """{"color":"red"}""")).Succeeded(201);
        var body = JsonNode.Parse(ConfigMap(Unique("dependent")))!;
        body["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = $"{Group}/v1",
            ["kind"] = "Widget",
            ["name"] = owner.Name,
            ["uid"] = owner.Uid,
            ["controller"] = true,
        });
        var dependent = (await PostAsync(ConfigMaps, body.ToJsonString())).Succeeded(201);
        (await DeleteAsync($"{Widgets}/{owner.Name}")).Succeeded();
        await EventuallyGoneAsync($"{ConfigMaps}/{dependent.Name}");
    }
}
