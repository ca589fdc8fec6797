using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Cel;
using TKA.DevEnvironment.Cluster.Validation;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Cel;

public sealed class ValidationRulesTests
{
    [Theory]
    [InlineData("self.replicas <= self.max", """{"replicas":1,"max":2}""", null)]
    [InlineData("self.replicas <= self.max", """{"replicas":3,"max":2}""", "spec: Invalid value: failed rule: self.replicas <= self.max")]
    [InlineData("!has(self.name) || self.name.startsWith('a')", """{"name":"b"}""", "spec: Invalid value: failed rule: !has(self.name) || self.name.startsWith('a')")]
    [InlineData("self.at < timestamp('2027-01-01T00:00:00Z')", """{"at":"2026-01-01T00:00:00Z"}""", null)]
    [InlineData("self.labels.all(k, self.labels[k] != '')", """{"labels":{"a":""}}""", "spec: Invalid value: failed rule: self.labels.all(k, self.labels[k] != '')")]
    [InlineData("self.max == 1", """{}""", "spec: Invalid value: \"object\": no such key: max evaluating rule: self.max == 1")]
    public void A_rule_judges_the_value_of_its_schema(string rule, string spec, string? expected)
    {
        var causes = Compile(Schema($$"""{"rule":{{JsonValue.Create(rule).ToJsonString()}}}""")).Validate(Object(spec), null);

        Assert.Equal(expected, causes.Select(cause => $"{cause.Field}: {cause.Message}").SingleOrDefault());
    }

    [Theory]
    [InlineData("""{"rule":"false","message":"no"}""", "spec: Invalid value: no")]
    [InlineData("""{"rule":"self.name == ''","message":"no"}""", "spec: Invalid value: \"object\": no such key: name evaluating rule: no")]
    public void The_message_shapes_the_cause(string rule, string expected)
    {
        var cause = Assert.Single(Compile(Schema(rule)).Validate(Object("""{"max":1}"""), null));

        Assert.Equal(expected, $"{cause.Field}: {cause.Message}");
    }

    [Theory]
    [InlineData("self.nosuch == 1", "undefined field 'nosuch'")]
    [InlineData("self.max == 'a'", "found no matching overload")]
    [InlineData("self.ratio == 1", "undefined field 'ratio'")]
    [InlineData("self.max", "must evaluate to a bool")]
    [InlineData("self.namespace == 'x'", "undefined field 'namespace'")]
    [InlineData("self.labels.exists(k, frob(k))", "undeclared reference to 'frob'")]
    [InlineData("request.userInfo.username == 'x'", "undeclared reference to 'request'")]
    [InlineData("self.items == null", "found no matching overload")]
    [InlineData("size(self) > 0", "found no matching overload")]
    public void A_rule_that_can_never_work_is_refused_with_the_definition(string rule, string expected)
    {
        var errors = new FieldErrors();
        ValidationRules.Compile(Schema($$"""{"rule":{{JsonValue.Create(rule).ToJsonString()}}}"""), "schema", errors);

        var error = Assert.Single(errors.Causes);
        Assert.Equal("schema.properties[spec].x-kubernetes-validations[0].rule", error.Field);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transition_rule_compares_with_what_is_stored_and_is_silent_on_create()
    {
        var rules = Compile(Schema("""{"rule":"self.name == oldSelf.name","message":"immutable"}"""));

        Assert.Empty(rules.Validate(Object("""{"name":"a"}"""), null));
        Assert.Empty(rules.Validate(Object("""{"name":"a"}"""), Object("""{"name":"a"}""")));
        Assert.Equal("Invalid value: immutable", Assert.Single(rules.Validate(Object("""{"name":"b"}"""), Object("""{"name":"a"}"""))).Message);
    }

    [Theory]
    [InlineData("map")]
    [InlineData("atomic")]
    public void Items_of_lists_allow_no_transition_rules(string listType)
    {
        const string Item = """{"type":"object","properties":{"k":{"type":"string"},"v":{"type":"integer","x-kubernetes-validations":[{"rule":"self >= oldSelf"}]}}}""";
        var errors = new FieldErrors();

        ValidationRules.Compile(
            (JsonObject)JsonNode.Parse($$$"""{"type":"object","properties":{"spec":{"type":"array","x-kubernetes-list-type":"{{{listType}}}","items":{{{Item}}} } } }""")!, "schema", errors);

        Assert.Contains("uncorrelatable", Assert.Single(errors.Causes).Message, StringComparison.Ordinal);
    }

    private static ValidationRules Compile(JsonObject schema)
    {
        var errors = new FieldErrors();
        var rules = ValidationRules.Compile(schema, "schema", errors);
        Assert.Empty(errors.Causes);
        return rules;
    }

    private static JsonObject Object(string spec) => new() { ["metadata"] = new JsonObject { ["name"] = "x" }, ["spec"] = JsonNode.Parse(spec) };

    private static JsonObject Schema(string rule) => (JsonObject)JsonNode.Parse("""
        {"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[RULE],"properties":{
          "name":{"type":"string"},"max":{"type":"integer"},"replicas":{"type":"integer"},"ratio":{"type":"number"},"at":{"type":"string","format":"date-time"},
          "labels":{"type":"object","additionalProperties":{"type":"string"}},"items":{"type":"array","items":{"type":"string"}},
          "a-b":{"type":"integer"},"namespace":{"type":"string"}}}}}
        """.Replace("RULE", rule, StringComparison.Ordinal))!;
}
