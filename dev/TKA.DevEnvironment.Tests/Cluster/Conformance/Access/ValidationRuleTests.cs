using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

/// <summary>CEL rules of CustomResourceDefinitions.</summary>
public sealed class ValidationRuleTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Theory]
    [InlineData("""{"replicas":2,"max":3}""", "")]
    [InlineData("""{"replicas":4,"max":3}""", "spec: Invalid value: replicas must not exceed max")]
    [InlineData("""{"replicas":1,"max":3,"period":"5m"}""", "spec.period: Invalid value: \"5m\": at least 10m")]
    [InlineData("""{"replicas":1,"max":3,"period":"1h"}""", "")]
    [InlineData("""{"replicas":1,"max":3,"tags":["a","b","a"]}""", "spec.tags: Invalid value: failed rule: self.all(t, self.filter(u, u == t).size() == 1)")]
    [InlineData("""{"replicas":1,"max":3,"limits":{"cpu":0}}""", "spec.limits[cpu]: Invalid value: 0: no zero limits")]
    [InlineData("""{"replicas":1,"max":3,"alias":"x"}""", "spec: Invalid value: needs max 1")]
    public async Task An_object_must_keep_the_rules(string spec, string expected)
    {
        var path = await DefineAsync();

        var answer = await PostAsync(path.Objects, Widget(path, Unique("w"), spec));

        if (expected.Length == 0)
        {
            answer.Succeeded(201);
            return;
        }

        var cause = Assert.Single(answer.Refused(422, "Invalid").Json["details"]!["causes"]!.AsArray())!;
        Assert.Equal(expected, $"{cause["field"]}: {cause["message"]}");
    }

    [Fact]
    public async Task A_transition_rule_sees_what_is_stored()
    {
        var path = await DefineAsync();
        var name = Unique("owned");
        (await PostAsync(path.Objects, Widget(path, name, """{"replicas":1,"max":3,"owner":"alice"}"""))).Succeeded(201);

        (await PatchAsync($"{path.Objects}/{name}", """{"spec":{"replicas":2}}""")).Succeeded();
        var answer = (await PatchAsync($"{path.Objects}/{name}", """{"spec":{"owner":"bob"}}""")).Refused(422, "Invalid");

        Assert.Equal(["spec.owner"], answer.CauseFields);
        Assert.EndsWith("spec.owner: Invalid value: \"bob\": owner is immutable", (string)answer.Json["message"]!, StringComparison.Ordinal);
        // The rule is on the field: without the old value there is no transition to judge.
        (await PatchAsync($"{path.Objects}/{name}", """{"spec":{"owner":null}}""")).Succeeded();
        (await PatchAsync($"{path.Objects}/{name}", """{"spec":{"owner":"bob"}}""")).Succeeded();
    }

    [Fact]
    public async Task Rules_hold_for_status_updates_too()
    {
        var path = await DefineAsync();
        var name = Unique("status");
        (await PostAsync(path.Objects, Widget(path, name, """{"replicas":1,"max":3}"""))).Succeeded(201);

        var answer = (await PatchAsync($"{path.Objects}/{name}/status", """{"status":{"ready":5}}""")).Refused(422, "Invalid");
        Assert.Equal("Invalid value: spec.replicas must cover status.ready", (string?)answer.Json["details"]!["causes"]![0]!["message"]);
        Assert.Equal(["<nil>"], answer.CauseFields);
        (await PatchAsync($"{path.Objects}/{name}/status", """{"status":{"ready":1}}""")).Succeeded();
    }

    [Theory]
    [InlineData("self.nosuch > 1", "undefined field 'nosuch'")]
    [InlineData("self.replicas > 'a'", "no matching overload")]
    [InlineData("frobnicate(self.replicas)", "undeclared reference to 'frobnicate'")]
    [InlineData("self.replicas >", "Syntax error")]
    [InlineData("self.replicas", "must evaluate to a bool")]
    [InlineData("object.spec.replicas > 1", "undeclared reference to 'object'")]
    public async Task A_definition_with_a_rule_that_cannot_be_compiled_is_refused(string rule, string why)
    {
        var path = Path();

        var answer = (await PostAsync(Definitions, Definition(path, $$"""{"rule":"{{rule}}"}"""))).Refused(422, "Invalid");

        Assert.Contains(why, answer.Text, StringComparison.Ordinal);
        Assert.Equal(["spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule"], answer.CauseFields.Select(Unversioned));
        (await GetAsync($"{Definitions}/{path.Plural}.{Fixture.Group}")).Refused(404, "NotFound");
    }

    [Theory]
    [InlineData("""{"rule":"true","reason":"Because"}""", "reason")]
    [InlineData("""{"rule":"true","message":"two\nlines"}""", "message")]
    [InlineData("""{"rule":"true","messageExpression":"self.replicas"}""", "messageExpression")]
    [InlineData("""{"rule":""}""", "rule")]
    public async Task The_rest_of_a_rule_is_validated(string rule, string field)
    {
        var answer = (await PostAsync(Definitions, Definition(Path(), rule))).Refused(422, "Invalid");

        Assert.Equal([$"spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].{field}"], answer.CauseFields.Select(Unversioned));
    }

    // Where the schema of a definition with one version is shown differs between versions of the server.
    private static string Unversioned(string field) => field.Replace("spec.versions[0].schema.", "spec.validation.", StringComparison.Ordinal);

    private ResourcePath Path()
    {
        var plural = Unique("w").Replace("-", "", StringComparison.Ordinal) + "s";
        return new(plural, $"/apis/{Fixture.Group}/v1/namespaces/{Fixture.Namespace}/{plural}");
    }

    private async Task<ResourcePath> DefineAsync()
    {
        var path = Path();
        (await PostAsync(Definitions, Definition(path, """{"rule":"self.replicas <= self.max","message":"replicas must not exceed max"},{"rule":"!has(self.alias) || self.max == 1","message":"needs max 1"}"""))).Succeeded(201);
        DeleteAtEnd($"{Definitions}/{path.Plural}.{Fixture.Group}");
        await EventuallyAsync(200, () => GetAsync(path.Objects));
        return path;
    }

    private string Widget(ResourcePath path, string name, string spec) =>
        $$"""{"apiVersion":"{{Fixture.Group}}/v1","kind":"{{Kind(path)}}","metadata":{"name":"{{name}}"},"spec":{{spec}} }""";

    private static string Kind(ResourcePath path) => char.ToUpperInvariant(path.Plural[0]) + path.Plural[1..^1];

    private string Definition(ResourcePath path, string rules) => """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"PLURAL.GROUP"},
         "spec":{"group":"GROUP","scope":"Namespaced","names":{"plural":"PLURAL","kind":"KIND"},"versions":[{"name":"v1","served":true,"storage":true,
          "subresources":{"status":{}},
          "schema":{"openAPIV3Schema":{"type":"object",
           "x-kubernetes-validations":[{"rule":"!has(self.status) || !has(self.status.ready) || self.status.ready <= self.spec.replicas","message":"spec.replicas must cover status.ready"}],
           "properties":{
            "spec":{"type":"object","x-kubernetes-validations":[RULES],"required":["replicas"],"properties":{
             "replicas":{"type":"integer"},"max":{"type":"integer"},
             "owner":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"owner is immutable"}]},
             "period":{"type":"string","maxLength":20,"x-kubernetes-validations":[{"rule":"duration(self) >= duration('10m')","message":"at least 10m"}]},
             "tags":{"type":"array","maxItems":10,"items":{"type":"string","maxLength":10},"x-kubernetes-validations":[{"rule":"self.all(t, self.filter(u, u == t).size() == 1)"}]},
             "limits":{"type":"object","maxProperties":10,"additionalProperties":{"type":"integer","x-kubernetes-validations":[{"rule":"self > 0","message":"no zero limits"}]}},
             "alias":{"type":"string","maxLength":10}}},
            "status":{"type":"object","properties":{"ready":{"type":"integer"}}}}}}}]}}
        """
        .Replace("PLURAL", path.Plural, StringComparison.Ordinal)
        .Replace("GROUP", Fixture.Group, StringComparison.Ordinal)
        .Replace("KIND", Kind(path), StringComparison.Ordinal)
        .Replace("RULES", rules, StringComparison.Ordinal);

    private sealed record ResourcePath(string Plural, string Objects);
}
