using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

/// <summary>
/// What the embedded cluster has not, it refuses: a request that a real cluster accepts must not be accepted here and then have another
/// effect, or none. Each refusal names what is missing.
/// </summary>
public sealed class RefusedFeatureTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    private const string NotHere = "the embedded cluster does not implement";

    [Theory]
    [InlineData("Foreground")]
    [InlineData("Orphan")]
    public async Task Deletions_that_wait_for_dependents_or_leave_them(string propagation)
    {
        RequireEmbedded();
        var name = (await CreateConfigMapAsync("kept")).Name;

        var fromBody = await DeleteAsync($"{ConfigMaps}/{name}", $$"""{"propagationPolicy":"{{propagation}}"}""");
        var fromQuery = await DeleteAsync($"{ConfigMaps}/{name}?propagationPolicy={propagation}");

        Assert.All([fromBody, fromQuery], answer => Assert.Contains(NotHere, answer.Refused(501, "NotImplemented").Text, StringComparison.Ordinal));
        (await GetAsync($"{ConfigMaps}/{name}")).Succeeded();
    }

    [Theory]
    [InlineData("kubernetes.io/service-account-token")]
    [InlineData("kubernetes.io/dockerconfigjson")]
    public async Task Secrets_whose_type_means_something(string type)
    {
        RequireEmbedded();

        var answer = await PostAsync(Secrets, $$"""{"metadata":{"name":"{{Unique("typed")}}"},"type":"{{type}}"}""");

        Assert.Contains(type, answer.Refused(501, "NotImplemented").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_that_end_with_a_Pod_or_Secret()
    {
        RequireEmbedded();

        var answer = await PostAsync(
            $"/api/v1/namespaces/{Fixture.Namespace}/serviceaccounts/default/token",
            """{"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web"}}}""");

        Assert.Contains(NotHere, answer.Refused(501, "NotImplemented").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"requests.memory":"1Gi"}""")]
    [InlineData("""{"pods":"1","count/secrets":"2"}""")]
    public async Task Quotas_of_anything_but_Pods(string hard)
    {
        RequireEmbedded();

        var answer = await PostAsync(
            $"/api/v1/namespaces/{Fixture.Namespace}/resourcequotas", """{"metadata":{"name":"only-pods"},"spec":{"hard":HARD}}""".Replace("HARD", hard, StringComparison.Ordinal));

        Assert.Contains(NotHere, answer.Refused(501, "NotImplemented").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fieldSelector")]
    [InlineData("labelSelector")]
    public async Task Access_reviews_of_a_selection(string selector)
    {
        RequireEmbedded();

        var answer = await PostAsync(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            """{"spec":{"resourceAttributes":{"verb":"list","resource":"pods","SELECTOR":{"requirements":[{"key":"a","operator":"Exists"}]}}}}""".Replace("SELECTOR", selector, StringComparison.Ordinal));

        Assert.Contains($"spec.resourceAttributes.{selector}", answer.Refused(422, "Invalid").CauseFields);
        Assert.Contains(NotHere, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"oneOf":[{"required":["a"]}]}""", "oneOf")]
    [InlineData("""{"properties":{"a":{"type":"integer","multipleOf":2}}}""", "properties[a].multipleOf")]
    [InlineData("""{"properties":{"a":{"type":"integer","minimum":1,"exclusiveMinimum":true}}}""", "properties[a].exclusiveMinimum")]
    [InlineData("""{"properties":{"a":{"type":"object","x-kubernetes-embedded-resource":true}}}""", "properties[a].x-kubernetes-embedded-resource")]
    [InlineData("""{"x-kubernetes-validations":[{"rule":"!oldSelf.hasValue() || true","optionalOldSelf":true}]}""", "x-kubernetes-validations[0].optionalOldSelf")]
    [InlineData("""{"x-kubernetes-validations":[{"rule":"true","messageExpression":"'no'"}]}""", "x-kubernetes-validations[0].messageExpression")]
    [InlineData("""{"properties":{"a":{"type":"object"}},"x-kubernetes-validations":[{"rule":"true","fieldPath":".a"}]}""", "x-kubernetes-validations[0].fieldPath")]
    [InlineData("""{"x-kubernetes-validations":[{"rule":"true","reason":"FieldValueForbidden"}]}""", "x-kubernetes-validations[0].reason")]
    [InlineData("""{"properties":{"a":{"type":"number","x-kubernetes-validations":[{"rule":"self > 0.5"}]}}}""", "properties[a].x-kubernetes-validations")]
    public async Task Schemas_that_would_not_be_enforced(string schema, string field)
    {
        RequireEmbedded();

        var answer = await PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition("{" + "\"type\":\"object\"," + schema[1..]));

        Assert.Contains($"spec.versions[0].schema.openAPIV3Schema.{field}", answer.Refused(422, "Invalid").CauseFields);
        Assert.Contains(NotHere, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Definitions_of_several_versions()
    {
        RequireEmbedded();
        var one = Definition("""{"type":"object"}""");

        var answer = await PostAsync(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            one.Replace("[{", """[{"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}},{""", StringComparison.Ordinal));

        Assert.Contains("spec.versions", answer.Refused(422, "Invalid").CauseFields);
    }

    [Theory]
    [InlineData("""{"matchConstraints":{"resourceRules":[RULE],"excludeResourceRules":[RULE]}}""", "spec.matchConstraints.excludeResourceRules")]
    [InlineData("""{"matchConstraints":{"resourceRules":[RULE]},"validations":[{"expression":"true","messageExpression":"'no'"}]}""", "spec.validations[0].messageExpression")]
    [InlineData("""{"matchConstraints":{"resourceRules":[RULE]},"auditAnnotations":[{"key":"a","valueExpression":"'b'"}]}""", "spec.auditAnnotations")]
    public async Task Policies_that_would_match_or_do_less(string spec, string field)
    {
        RequireEmbedded();
        var policy = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Unique("policy") },
            ["spec"] = JsonNode.Parse(spec.Replace("RULE", """{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["pods"]}""", StringComparison.Ordinal)),
        };
        policy["spec"]!["validations"] ??= new JsonArray(new JsonObject { ["expression"] = "true" });

        var answer = await PostAsync("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", policy.ToJsonString());

        Assert.Contains(field, answer.Refused(422, "Invalid").CauseFields);
        Assert.Contains("the embedded cluster", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_directives_but_the_usual_ones()
    {
        RequireEmbedded();
        var name = (await CreateConfigMapAsync("patched", "\"data\":{\"a\":\"b\"}")).Name;

        var answer = await PatchAsync($"{ConfigMaps}/{name}", """{"data":{"$patch":"unheard-of"}}""", "strategic");

        Assert.True(answer.Code is 400 or 501, answer.Text);
        Assert.Equal("b", (string?)(await GetAsync($"{ConfigMaps}/{name}")).Json["data"]!["a"]);
    }

    private void RequireEmbedded() => Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster has it");

    private string Definition(string schema) => $$$"""
        {"metadata":{"name":"gadgets.{{{Fixture.Group}}}"},"spec":{"group":"{{{Fixture.Group}}}","scope":"Namespaced","names":{"plural":"gadgets","kind":"Gadget"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{{schema}}}}}]}}
        """;
}
