using Xunit;
using static TKA.DevEnvironment.Tests.Cluster.Conformance.Access.AdmissionPolicyTests;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

/// <summary>Which ValidatingAdmissionPolicies and bindings are refused when they are written.</summary>
public sealed class AdmissionPolicyValidationTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    [Theory]
    [InlineData("""[{"expression":"object.spec >"}]""", "spec.validations[0].expression")]
    [InlineData("""[{"expression":"nosuch == 1"}]""", "spec.validations[0].expression")]
    [InlineData("""[{"expression":"frob(object)"}]""", "spec.validations[0].expression")]
    [InlineData("""[{"expression":"request.nosuch == 1"}]""", "spec.validations[0].expression")]
    [InlineData("""[{"expression":"'text'"}]""", "spec.validations[0].expression")]
    [InlineData("""[{"expression":"params.x == 1"}]""", "spec.validations[0].expression")]
    [InlineData("""[{"expression":"true","reason":"Because"}]""", "spec.validations[0].reason")]
    [InlineData("""[{"expression":""}]""", "spec.validations[0].expression")]
    public async Task A_policy_with_an_expression_that_cannot_be_compiled_is_refused(string validations, string field)
    {
        var answer = (await PostAsync(Policies, Policy(Unique("bad"), Creations, validations))).Refused(422, "Invalid");

        Assert.Equal([field], answer.CauseFields);
    }

    [Theory]
    [InlineData("\"variables\":[{\"name\":\"a-b\",\"expression\":\"1\"}]", "spec.variables[0].name")]
    [InlineData("\"matchConditions\":[{\"name\":\"x/!\",\"expression\":\"true\"}]", "spec.matchConditions[0].name")]
    [InlineData("\"failurePolicy\":\"Maybe\"", "spec.failurePolicy")]
    public async Task The_rest_of_a_policy_is_validated(string more, string field)
    {
        var answer = (await PostAsync(Policies, Policy(Unique("bad"), Creations, """[{"expression":"true"}]""", more))).Refused(422, "Invalid");

        Assert.Equal([field], answer.CauseFields);
    }

    [Theory]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"Near","values":["b"]}]}""", "matchExpressions[0].operator")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"In"}]}""", "matchExpressions[0].values")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"Exists","values":["b"]}]}""", "matchExpressions[0].values")]
    [InlineData("""{"matchExpressions":[{"key":"","operator":"Exists"}]}""", "matchExpressions[0].key")]
    [InlineData("""{"matchLabels":{"a":"not valid"}}""", "matchLabels")]
    public async Task Selectors_are_validated(string selector, string field)
    {
        var role = (await PostAsync(ClusterRoles, $$"""{"metadata":{"name":"{{Unique("bad")}}"},"aggregationRule":{"clusterRoleSelectors":[{{selector}}]} }""")).Refused(422, "Invalid");
        Assert.Equal([$"aggregationRule.clusterRoleSelectors[0].{field}", "aggregationRule.clusterRoleSelectors[0]"], role.CauseFields.Distinct());

        var binding = (await PostAsync(Bindings, $$"""
            {"metadata":{"name":"{{Unique("bad")}}"},"spec":{"policyName":"x","validationActions":["Deny"],"matchResources":{"objectSelector":{{selector}} } } }
            """)).Refused(422, "Invalid");
        Assert.Contains(binding.CauseFields, cause => cause.EndsWith($".objectSelector.{field}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"policyName":"x"}""", "spec.validationActions")]
    [InlineData("""{"policyName":"x","validationActions":[]}""", "spec.validationActions")]
    [InlineData("""{"policyName":"x","validationActions":["Deny","Warn"]}""", "spec.validationActions")]
    [InlineData("""{"policyName":"x","validationActions":["Explode"]}""", "spec.validationActions[0]")]
    [InlineData("""{"validationActions":["Deny"]}""", "spec.policyName")]
    public async Task A_binding_is_validated(string spec, string field)
    {
        var answer = (await PostAsync(Bindings, $$"""{"metadata":{"name":"{{Unique("bad")}}"},"spec":{{spec}} }""")).Refused(422, "Invalid");

        Assert.Contains(field, answer.CauseFields);
    }
}
