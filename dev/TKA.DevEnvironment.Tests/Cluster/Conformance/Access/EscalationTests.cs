using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

public sealed class EscalationTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const string WriteRbac =
        """{"verbs":["create","update","patch","get"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"]}""";

    [Fact]
    public async Task Nobody_writes_a_role_with_rights_they_do_not_hold()
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, $$"""[{{WriteRbac}},{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]""");
        await EventuallyAsync(201, () => robot.PostAsync(Roles, Role(Unique("held"), "get", "pods")));

        var name = Unique("escalation");
        var answer = (await robot.PostAsync(Roles, Role(name, "delete", "secrets"))).Refused(403, "Forbidden");

        Assert.Equal(
            $"roles.rbac.authorization.k8s.io \"{name}\" is forbidden: user \"{robot.Username}\" (groups=[\"system:serviceaccounts\" \"system:serviceaccounts:{Fixture.Namespace}\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"delete\"]}}",
            (string?)answer.Json["message"]);
        Assert.Equal("roles", (string?)answer.Json["details"]!["kind"]);
    }

    [Theory]
    [InlineData("*", "pods")]
    [InlineData("get", "*")]
    [InlineData("get", "pods/log")]
    public async Task A_wildcard_or_subresource_is_more_than_what_it_stands_for(string verb, string resource)
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, $$"""[{{WriteRbac}},{"verbs":["get","list","watch"],"apiGroups":[""],"resources":["pods"]}]""");
        await EventuallyAsync(201, () => robot.PostAsync(Roles, Role(Unique("held"), "list", "pods")));

        (await robot.PostAsync(Roles, Role(Unique("more"), verb, resource))).Refused(403, "Forbidden");
    }

    [Fact]
    public async Task A_role_cannot_be_widened_either()
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, $$"""[{{WriteRbac}},{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]""");
        var name = Unique("narrow");
        await EventuallyAsync(201, () => robot.PostAsync(Roles, Role(name, "get", "pods")));

        (await robot.PatchAsync($"{Roles}/{name}", """{"rules":[{"verbs":["delete"],"apiGroups":[""],"resources":["pods"]}]}""")).Refused(403, "Forbidden");
        (await robot.PatchAsync($"{Roles}/{name}", """{"rules":[]}""")).Succeeded();
    }

    [Fact]
    public async Task The_verb_escalate_lifts_the_limit_for_roles()
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, $$"""[{{WriteRbac}},{"verbs":["escalate"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"]}]""");

        await EventuallyAsync(201, () => robot.PostAsync(Roles, Role(Unique("any"), "delete", "secrets")));
    }

    [Fact]
    public async Task Nobody_binds_a_role_with_rights_they_do_not_hold()
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, $"[{WriteRbac}]");
        var role = Unique("powerful");
        (await PostAsync(Roles, Role(role, "delete", "secrets"))).Succeeded(201);
        await EventuallyAsync(403, () => robot.PostAsync(RoleBindings, Binding(Unique("b"), "Role", role, robot)));

        await EventuallyAsync(
            async () => (await robot.PostAsync(RoleBindings, Binding(Unique("b"), "Role", role, robot))).Refused(403, "Forbidden").Text
                .Contains("is attempting to grant RBAC permissions not currently held", StringComparison.Ordinal),
            "the refusal is about escalation");
    }

    [Fact]
    public async Task The_verb_bind_allows_binding_exactly_the_roles_it_names()
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, $"[{WriteRbac}]");
        await GrantClusterAsync(robot, """[{"verbs":["bind"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"resourceNames":["view"]}]""");

        await EventuallyAsync(201, () => robot.PostAsync(RoleBindings, Binding(Unique("viewer"), "ClusterRole", "view", robot)));
        (await robot.PostAsync(RoleBindings, Binding(Unique("editor"), "ClusterRole", "edit", robot))).Refused(403, "Forbidden");
        (await robot.PostAsync(RoleBindings, Binding(Unique("root"), "ClusterRole", "cluster-admin", robot))).Refused(403, "Forbidden");
        // A ClusterRoleBinding needs the right to create those.
        (await robot.PostAsync(ClusterRoleBindings, Binding(Unique("viewer"), "ClusterRole", "view", robot))).Refused(403, "Forbidden");
    }

    [Fact]
    public async Task Binding_a_role_that_does_not_exist_needs_bind_too()
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, $"[{WriteRbac}]");
        await EventuallyAsync(404, () => robot.GetAsync($"{Roles}/nosuch"));

        (await robot.PostAsync(RoleBindings, Binding(Unique("b"), "ClusterRole", Unique("missing"), robot))).Refused(404, "NotFound");
    }

    [Fact]
    public async Task An_aggregation_rule_needs_every_right()
    {
        var robot = await NewServiceAccountAsync();
        await GrantClusterAsync(robot, """[{"verbs":["create","get"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"]}]""");
        var name = Unique("aggregated");

        await EventuallyAsync(404, () => robot.GetAsync($"{ClusterRoles}/{name}"));
        var answer = await robot.PostAsync(ClusterRoles, $$$"""
            {"metadata":{"name":"{{{name}}}"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}}
            """);
        Assert.Contains("must have cluster-admin privileges to use the aggregationRule", answer.Refused(403, "Forbidden").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"}""")]
    [InlineData("""{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"view"}""")]
    public async Task The_role_of_a_binding_never_changes(string roleRef)
    {
        var robot = await NewServiceAccountAsync();
        var name = Unique("fixed");
        (await PostAsync(RoleBindings, Binding(name, "ClusterRole", "view", robot))).Succeeded(201);

        var answer = (await PatchAsync($"{RoleBindings}/{name}", $$"""{"roleRef":{{roleRef}} }""")).Refused(422, "Invalid");

        Assert.Equal(["roleRef"], answer.CauseFields);
        Assert.EndsWith("cannot change roleRef", (string)answer.Json["details"]!["causes"]![0]!["message"]!, StringComparison.Ordinal);
        (await PatchAsync($"{RoleBindings}/{name}", """{"subjects":null}""")).Succeeded();
    }

    [Theory]
    [InlineData("""[{"verbs":[],"apiGroups":[""],"resources":["pods"]}]""", "rules[0].verbs")]
    [InlineData("""[{"verbs":["get"],"apiGroups":[""],"resources":[]}]""", "rules[0].resources")]
    [InlineData("""[{"verbs":["get"],"apiGroups":[],"resources":["pods"]}]""", "rules[0].apiGroups")]
    [InlineData("""[{"verbs":["get"],"nonResourceURLs":["/x"]}]""", "rules[0].nonResourceURLs")]
    public async Task A_role_is_validated(string rules, string field)
    {
        var answer = (await PostAsync(Roles, $$"""{"metadata":{"name":"{{Unique("bad")}}"},"rules":{{rules}} }""")).Refused(422, "Invalid");

        Assert.Equal([field], answer.CauseFields);
    }

    [Theory]
    [InlineData("""{"kind":"Robot","name":"x"}""", "subjects[0].kind")]
    [InlineData("""{"kind":"ServiceAccount","name":"","namespace":"default"}""", "subjects[0].name")]
    [InlineData("""{"kind":"ServiceAccount","name":"Bad_Name","namespace":"default"}""", "subjects[0].name")]
    [InlineData("""{"kind":"ServiceAccount","name":"x"}""", "subjects[0].namespace")]
    [InlineData("""{"kind":"User","name":"x","apiGroup":"other"}""", "subjects[0].apiGroup")]
    public async Task The_subjects_of_a_binding_are_validated(string subject, string field)
    {
        var answer = (await PostAsync(ClusterRoleBindings, $$"""
            {"metadata":{"name":"{{Unique("bad")}}"},"roleRef":{"apiGroup":"{{RbacGroup}}","kind":"ClusterRole","name":"view"},"subjects":[{{subject}}]}
            """)).Refused(422, "Invalid");

        Assert.Equal([field], answer.CauseFields);
    }

    [Theory]
    [InlineData("""{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"x"}""", "roleRef.kind")]
    [InlineData("""{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":""}""", "roleRef.name")]
    [InlineData("""{"apiGroup":"apps","kind":"ClusterRole","name":"x"}""", "roleRef.apiGroup")]
    public async Task The_role_of_a_ClusterRoleBinding_is_validated(string roleRef, string field)
    {
        var answer = (await PostAsync(ClusterRoleBindings, $$"""{"metadata":{"name":"{{Unique("bad")}}"},"roleRef":{{roleRef}} }""")).Refused(422, "Invalid");

        Assert.Equal([field], answer.CauseFields);
    }

    private static string Role(string name, string verb, string resource) =>
        $$"""{"metadata":{"name":"{{name}}"},"rules":[{"verbs":["{{verb}}"],"apiGroups":[""],"resources":["{{resource}}"]}]}""";
}
