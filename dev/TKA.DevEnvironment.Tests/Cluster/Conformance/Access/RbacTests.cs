using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

public sealed class RbacTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    [Fact]
    public async Task A_role_holds_in_its_namespace_only()
    {
        var robot = await NewServiceAccountAsync();
        var elsewhere = await Fixture.Cluster.CreateNamespaceAsync("elsewhere", TestContext.Current.CancellationToken);
        await GrantAsync(robot, """[{"verbs":["get","list"],"apiGroups":[""],"resources":["configmaps"]}]""");

        await EventuallyAsync(200, () => robot.GetAsync(ConfigMaps));
        (await robot.GetAsync($"/api/v1/namespaces/{elsewhere}/configmaps")).Refused(403, "Forbidden");
        (await robot.GetAsync("/api/v1/configmaps")).Refused(403, "Forbidden");
        (await robot.PostAsync(ConfigMaps, ConfigMap("x"))).Refused(403, "Forbidden");
        (await robot.GetAsync(Secrets)).Refused(403, "Forbidden");
        (await robot.GetAsync($"{ConfigMaps}?watch=true&timeoutSeconds=1")).Refused(403, "Forbidden");
    }

    [Fact]
    public async Task Removing_a_binding_removes_the_right()
    {
        var robot = await NewServiceAccountAsync();
        var name = Unique("temporary");
        (await PostAsync(Roles, $$"""{"metadata":{"name":"{{name}}"},"rules":[{"verbs":["list"],"apiGroups":[""],"resources":["configmaps"]}]}""")).Succeeded(201);
        (await PostAsync(RoleBindings, Binding(name, "Role", name, robot))).Succeeded(201);
        await EventuallyAsync(200, () => robot.GetAsync(ConfigMaps));

        (await DeleteAsync($"{RoleBindings}/{name}")).Succeeded();

        await EventuallyAsync(403, () => robot.GetAsync(ConfigMaps));
    }

    [Fact]
    public async Task Changing_a_role_changes_the_right()
    {
        var robot = await NewServiceAccountAsync();
        var name = Unique("changing");
        (await PostAsync(Roles, $$"""{"metadata":{"name":"{{name}}"},"rules":[{"verbs":["list"],"apiGroups":[""],"resources":["configmaps"]}]}""")).Succeeded(201);
        (await PostAsync(RoleBindings, Binding(name, "Role", name, robot))).Succeeded(201);
        await EventuallyAsync(200, () => robot.GetAsync(ConfigMaps));

        (await PatchAsync($"{Roles}/{name}", """{"rules":[{"verbs":["list"],"apiGroups":[""],"resources":["secrets"]}]}""")).Succeeded();

        await EventuallyAsync(200, () => robot.GetAsync(Secrets));
        await EventuallyAsync(403, () => robot.GetAsync(ConfigMaps));
    }

    [Fact]
    public async Task Resource_names_limit_a_rule_to_those_objects()
    {
        var robot = await NewServiceAccountAsync();
        var (mine, other) = ((await CreateConfigMapAsync("mine")).Name, (await CreateConfigMapAsync("other")).Name);
        await GrantAsync(robot, $$"""[{"verbs":["get","update","delete","list","watch","create"],"apiGroups":[""],"resources":["configmaps"],"resourceNames":["{{mine}}"]}]""");

        await EventuallyAsync(200, () => robot.GetAsync($"{ConfigMaps}/{mine}"));
        (await robot.GetAsync($"{ConfigMaps}/{other}")).Refused(403, "Forbidden");
        (await robot.GetAsync(ConfigMaps)).Refused(403, "Forbidden");
        // A list of that one name is a request for it.
        (await robot.GetAsync($"{ConfigMaps}?fieldSelector=metadata.name%3D{mine}")).Succeeded();
        (await robot.GetAsync($"{ConfigMaps}?fieldSelector=metadata.name%3D{other}")).Refused(403, "Forbidden");
        // When an object is created its name is not known yet, so such a rule never allows it.
        (await robot.PostAsync(ConfigMaps, ConfigMap(mine))).Refused(403, "Forbidden");
        (await robot.DeleteAsync($"{ConfigMaps}/{mine}")).Succeeded();
    }

    [Fact]
    public async Task A_subresource_is_not_its_resource()
    {
        var (reader, observer) = (await NewServiceAccountAsync("reader"), await NewServiceAccountAsync("observer"));
        var deployment = Unique("web");
        (await PostAsync(Deployments, $$$"""
            {"metadata":{"name":"{{{deployment}}}"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"{{{deployment}}}"}},
             "template":{"metadata":{"labels":{"a":"{{{deployment}}}"}},"spec":{"containers":[{"name":"c","image":"registry.k8s.io/pause"}]} } } }
            """)).Succeeded(201);
        await GrantAsync(reader, """[{"verbs":["*"],"apiGroups":["apps"],"resources":["deployments"]}]""");
        await GrantAsync(observer, """[{"verbs":["get"],"apiGroups":["apps"],"resources":["deployments/status"]}]""");

        await EventuallyAsync(200, () => reader.GetAsync($"{Deployments}/{deployment}"));
        (await reader.GetAsync($"{Deployments}/{deployment}/status")).Refused(403, "Forbidden");
        await EventuallyAsync(200, () => observer.GetAsync($"{Deployments}/{deployment}/status"));
        (await observer.GetAsync($"{Deployments}/{deployment}")).Refused(403, "Forbidden");
    }

    [Theory]
    [InlineData("""["*/status"]""", "status", 200)]
    [InlineData("""["*"]""", "status", 200)]
    [InlineData("""["deployments/*"]""", "status", 403)]
    [InlineData("""["Deployment/status"]""", "status", 403)]
    public async Task Wildcards_stand_for_whole_resources_or_whole_parents(string resources, string subresource, int code)
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, $$"""[{"verbs":["get"],"apiGroups":["apps"],"resources":{{resources}} },{"verbs":["list"],"apiGroups":[""],"resources":["configmaps"]}]""");
        await EventuallyAsync(200, () => robot.GetAsync(ConfigMaps));

        var answer = await robot.GetAsync($"{Deployments}/nosuch/{subresource}");

        // 404 is said only to those who may know.
        Assert.Equal(code == 200 ? 404 : 403, answer.Code);
    }

    [Theory]
    [InlineData("/conformance", "/conformance", true)]
    [InlineData("/conformance", "/conformance/a", false)]
    [InlineData("/conformance/*", "/conformance/a/b", true)]
    [InlineData("/conformance/*", "/conformance", false)]
    public async Task Paths_outside_the_resource_API_are_granted_by_ClusterRoles(string granted, string asked, bool allowed)
    {
        var robot = await NewServiceAccountAsync();
        await GrantClusterAsync(robot, $$"""[{"verbs":["get"],"nonResourceURLs":["{{granted}}","/granted"]}]""");
        await EventuallyAsync(404, () => robot.GetAsync("/granted"));

        Assert.Equal(allowed ? 404 : 403, (await robot.GetAsync(asked)).Code);
        (await robot.PostAsync(asked, "{}")).Refused(403, "Forbidden");
    }

    [Fact]
    public async Task A_group_binding_holds_for_every_ServiceAccount_of_a_namespace()
    {
        var (first, second) = (await NewServiceAccountAsync(), await NewServiceAccountAsync());
        var name = Unique("everybody");
        (await PostAsync(Roles, $$"""{"metadata":{"name":"{{name}}"},"rules":[{"verbs":["list"],"apiGroups":["coordination.k8s.io"],"resources":["leases"]}]}""")).Succeeded(201);
        (await PostAsync(RoleBindings, $$"""
            {"metadata":{"name":"{{name}}"},"roleRef":{"apiGroup":"{{RbacGroup}}","kind":"Role","name":"{{name}}"},
             "subjects":[{"kind":"Group","apiGroup":"{{RbacGroup}}","name":"system:serviceaccounts:{{Fixture.Namespace}}"}]}
            """)).Succeeded(201);
        var leases = $"/apis/coordination.k8s.io/v1/namespaces/{Fixture.Namespace}/leases";

        await EventuallyAsync(200, () => first.GetAsync(leases));
        (await second.GetAsync(leases)).Succeeded();

        (await DeleteAsync($"{RoleBindings}/{name}")).Succeeded();
        await EventuallyAsync(403, () => first.GetAsync(leases));
    }

    [Fact]
    public async Task A_binding_to_a_missing_role_gives_nothing_and_the_refusal_says_so()
    {
        var robot = await NewServiceAccountAsync();
        var missing = Unique("missing");
        (await PostAsync(RoleBindings, Binding(missing, "ClusterRole", missing, robot))).Succeeded(201);

        await EventuallyAsync(
            async () => (await robot.GetAsync(ConfigMaps)).Refused(403, "Forbidden").Text.Contains($"RBAC: clusterrole.rbac.authorization.k8s.io \\\"{missing}\\\" not found", StringComparison.Ordinal),
            "the refusal names the missing role");
    }

    [Theory]
    [InlineData("view", "GET", "configmaps", true)]
    [InlineData("view", "GET", "secrets", false)]
    [InlineData("view", "POST", "configmaps", false)]
    [InlineData("edit", "GET", "secrets", true)]
    [InlineData("edit", "POST", "configmaps", true)]
    [InlineData("edit", "POST", "rolebindings", false)]
    [InlineData("view", "GET", "rolebindings", false)]
    [InlineData("admin", "GET", "rolebindings", true)]
    public async Task The_well_known_roles_do_what_the_documentation_says(string role, string method, string resource, bool allowed)
    {
        var robot = await NewServiceAccountAsync();
        (await PostAsync(RoleBindings, Binding(Unique(role), "ClusterRole", role, robot))).Succeeded(201);
        await EventuallyAsync(200, () => robot.GetAsync(Pods));
        var path = resource == "rolebindings" ? RoleBindings : $"/api/v1/namespaces/{Fixture.Namespace}/{resource}";

        var answer = await robot.SendAsync(new HttpMethod(method), $"{path}?dryRun=All", method == "POST" ? $$"""{"metadata":{"name":"{{Unique("x")}}"} }""" : null);

        Assert.Equal(allowed, answer.Code is 200 or 201);
        if (!allowed)
        {
            answer.Refused(403, "Forbidden");
        }
    }

    [Fact]
    public async Task Cluster_admin_may_do_everything()
    {
        var robot = await NewServiceAccountAsync();
        (await PostAsync(ClusterRoleBindings, Binding(robot.Name, "ClusterRole", "cluster-admin", robot))).Succeeded(201);
        DeleteAtEnd($"{ClusterRoleBindings}/{robot.Name}");

        await EventuallyAsync(200, () => robot.GetAsync("/api/v1/secrets"));
        // Paths that nobody serves are plain 404s, without a Status.
        Assert.Equal(404, (await robot.GetAsync("/anything")).Code);
        Assert.Equal(404, (await robot.GetAsync("/apis/nosuch.example.com/v1/things")).Code);
    }

    [Fact]
    public async Task An_aggregated_ClusterRole_takes_the_rules_of_those_it_selects_and_gives_them_back()
    {
        var label = Unique("aggregate");
        var robot = await NewServiceAccountAsync();
        var whole = Unique("whole");
        (await PostAsync(ClusterRoles, $$$"""
            {"metadata":{"name":"{{{whole}}}"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"conformance.test/{{{label}}}":"true"}}]},"rules":[]}
            """)).Succeeded(201);
        DeleteAtEnd($"{ClusterRoles}/{whole}");
        (await PostAsync(RoleBindings, Binding(whole, "ClusterRole", whole, robot))).Succeeded(201);
        (await robot.GetAsync(ConfigMaps)).Refused(403, "Forbidden");

        var part = Unique("part");
        (await PostAsync(ClusterRoles, $$$"""
            {"metadata":{"name":"{{{part}}}","labels":{"conformance.test/{{{label}}}":"true"}},"rules":[{"verbs":["list"],"apiGroups":[""],"resources":["configmaps"]}]}
            """)).Succeeded(201);
        DeleteAtEnd($"{ClusterRoles}/{part}");

        await EventuallyAsync(200, () => robot.GetAsync(ConfigMaps));
        Assert.Equal("list", (string?)(await GetAsync($"{ClusterRoles}/{whole}")).Json["rules"]![0]!["verbs"]![0]);

        (await DeleteAsync($"{ClusterRoles}/{part}")).Succeeded();
        await EventuallyAsync(403, () => robot.GetAsync(ConfigMaps));
    }

    [Fact]
    public async Task A_labelled_ClusterRole_extends_view_edit_and_admin()
    {
        var robot = await NewServiceAccountAsync();
        (await PostAsync(RoleBindings, Binding(Unique("view"), "ClusterRole", "view", robot))).Succeeded(201);
        var name = Unique("extension");
        (await PostAsync(ClusterRoles, $$$"""
            {"metadata":{"name":"{{{name}}}","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},
             "rules":[{"verbs":["list"],"apiGroups":["{{{name}}}.conformance.test"],"resources":["widgets"]}]}
            """)).Succeeded(201);
        DeleteAtEnd($"{ClusterRoles}/{name}");

        await EventuallyAsync(404, () => robot.GetAsync($"/apis/{name}.conformance.test/v1/namespaces/{Fixture.Namespace}/widgets"));
    }
}
