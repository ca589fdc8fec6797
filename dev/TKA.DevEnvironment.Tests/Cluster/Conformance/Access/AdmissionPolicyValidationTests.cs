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

    /// <summary>What a policy refuses tells what its parameters hold.</summary>
    [Fact]
    public async Task Who_writes_a_policy_with_parameters_must_be_allowed_to_read_them()
    {
        const string Kind = "\"paramKind\":{\"apiVersion\":\"v1\",\"kind\":\"Secret\"}";
        var robot = await NewServiceAccountAsync();
        await GrantClusterAsync(robot, """[{"verbs":["create"],"apiGroups":["admissionregistration.k8s.io"],"resources":["validatingadmissionpolicies","validatingadmissionpolicybindings"]}]""");
        await EventuallyAsync(422, () => robot.PostAsync(Policies, Policy(Unique("spy"), Creations, """[{"expression":"true"}]""", Kind)));

        var policy = (await robot.PostAsync(Policies, Policy(Unique("spy"), Creations, """[{"expression":"true"}]""", Kind))).Refused(422, "Invalid");
        Assert.Equal(["spec.paramKind"], policy.CauseFields);
        Assert.Contains("must have \"get\" permission on all objects of the referenced paramKind (kind=Secret, apiVersion=v1)", (string)policy.Json["message"]!, StringComparison.Ordinal);

        var name = Unique("spy");
        var body = Policy(name, Creations, """[{"expression":"true"}]""", Kind);
        (await PostAsync(Policies, body)).Succeeded(201);
        DeleteAtEnd($"{Policies}/{name}");
        var binding = $$"""
            {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicyBinding","metadata":{"name":"{{name}}"},
             "spec":{"policyName":"{{name}}","validationActions":["Deny"],"paramRef":{"name":"x","namespace":"{{Fixture.Namespace}}","parameterNotFoundAction":"Allow"} } }
            """;
        var refused = (await robot.PostAsync(Bindings, binding)).Refused(422, "Invalid");
        Assert.Equal(["spec.paramRef"], refused.CauseFields);
        Assert.Contains("does not have \"get\" permission on the object referenced by paramRef", (string)refused.Json["message"]!, StringComparison.Ordinal);

        await GrantClusterAsync(robot, """[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]""");
        await EventuallyAsync(201, () => robot.PostAsync(Bindings, binding));
        DeleteAtEnd($"{Bindings}/{name}");
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
    [InlineData("""["a","b","a"]""", 2)]
    [InlineData("""["a","b/c"]""", 1)]
    public async Task Names_of_a_rule_are_validated(string names, int wrong)
    {
        var rules = $$"""[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["pods"],"resourceNames":{{names}} }]""";

        var answer = (await PostAsync(Policies, Policy(Unique("bad"), rules, """[{"expression":"true"}]"""))).Refused(422, "Invalid");

        Assert.Equal([$"spec.matchConstraints.resourceRules[0].resourceNames[{wrong}]"], answer.CauseFields);
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
