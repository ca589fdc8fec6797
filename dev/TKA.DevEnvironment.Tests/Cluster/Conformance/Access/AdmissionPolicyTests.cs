using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

/// <summary>ValidatingAdmissionPolicies, each limited to the class's namespace by its name label.</summary>
public sealed class AdmissionPolicyTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    internal const string Policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    internal const string Bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
    internal const string Creations = """[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}]""";

    [Fact]
    public async Task A_denial_names_policy_binding_and_reason()
    {
        var name = await PolicyAsync(Creations, """[{"expression":"!object.metadata.name.startsWith('bad')","message":"no bad names","reason":"Forbidden"}]""");

        var answer = await DeniedAsync(() => PostAsync(ConfigMaps, ConfigMap("bad")));

        answer.Refused(403, "Forbidden");
        Assert.Equal($"configmaps \"bad\" is forbidden: ValidatingAdmissionPolicy '{name}' with binding '{name}' denied request: no bad names", (string?)answer.Json["message"]);
        Assert.Equal($"ValidatingAdmissionPolicy '{name}' with binding '{name}' denied request: no bad names", (string?)answer.Json["details"]!["causes"]![0]!["message"]);
        Assert.Equal("configmaps", (string?)answer.Json["details"]!["kind"]);
        (await PostAsync(ConfigMaps, ConfigMap(Unique("good")))).Succeeded(201);
    }

    [Fact]
    public async Task A_denial_is_Invalid_and_shows_the_expression_unless_the_validation_says_otherwise()
    {
        var name = await PolicyAsync(Creations, """[{"expression":"object.metadata.name != 'invalid'"}]""");

        var answer = await DeniedAsync(() => PostAsync(ConfigMaps, ConfigMap("invalid")));

        answer.Refused(422, "Invalid");
        Assert.Contains($"ValidatingAdmissionPolicy '{name}' with binding '{name}' denied request: failed expression: object.metadata.name != 'invalid'", (string)answer.Json["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expressions_see_the_request_the_old_object_the_namespace_and_variables()
    {
        await PolicyAsync(
            """[{"apiGroups":[""],"apiVersions":["v1"],"operations":["UPDATE"],"resources":["configmaps"]}]""",
            """
            [{"expression":"variables.keys.all(k, k in variables.oldKeys) || request.namespace != namespaceObject.metadata.name || request.userInfo.username + request.name == ''","message":"keys may not be added"}]
            """,
            """
            "variables":[{"name":"keys","expression":"has(object.data) ? object.data.map(k, k) : []"},{"name":"oldKeys","expression":"has(oldObject.data) ? oldObject.data.map(k, k) : []"}]
            """);
        var map = await CreateConfigMapAsync("frozen", "\"data\":{\"a\":\"1\"}");

        var answer = await DeniedAsync(() => PatchAsync($"{ConfigMaps}/{map.Name}", $$"""{"data":{"{{Unique("k")}}":"2"} }"""));

        Assert.Contains("keys may not be added", answer.Text, StringComparison.Ordinal);
        (await PatchAsync($"{ConfigMaps}/{map.Name}", """{"data":{"a":"3"}}""")).Succeeded();
    }

    [Fact]
    public async Task Match_conditions_narrow_a_policy_to_a_caller()
    {
        var (robot, other) = (await NewServiceAccountAsync(), await NewServiceAccountAsync());
        foreach (var caller in (Caller[])[robot, other])
        {
            await GrantAsync(caller, """[{"verbs":["create"],"apiGroups":[""],"resources":["configmaps"]}]""");
        }

        await PolicyAsync(
            Creations,
            """[{"expression":"false","message":"not you","reason":"Forbidden"}]""",
            $$"""
            "matchConditions":[{"name":"by-the-robot","expression":"request.userInfo.username == '{{robot.Username}}' && 'system:authenticated' in request.userInfo.groups"}]
            """);

        await EventuallyAsync(async () => (await robot.PostAsync(ConfigMaps, ConfigMap(Unique("x")))).Text.Contains("not you", StringComparison.Ordinal), "the policy holds");
        await EventuallyAsync(201, () => other.PostAsync(ConfigMaps, ConfigMap(Unique("x"))));
        (await PostAsync(ConfigMaps, ConfigMap(Unique("x")))).Succeeded(201);
    }

    [Theory]
    [InlineData("Fail", 422)]
    [InlineData("Ignore", 201)]
    public async Task The_failure_policy_decides_when_an_expression_fails(string failurePolicy, int code)
    {
        var marker = Unique("fails");
        // A second validation that never fails to evaluate tells when the policy is in force.
        await PolicyAsync(
            Creations,
            $$"""[{"expression":"object.metadata.name != 'probe-{{marker}}'"},{"expression":"object.metadata.name != '{{marker}}' || object.nosuch == 1"}]""",
            $"\"failurePolicy\":\"{failurePolicy}\"");
        await DeniedAsync(() => PostAsync(ConfigMaps, ConfigMap($"probe-{marker}")));

        var answer = await PostAsync(ConfigMaps, ConfigMap(marker));

        Assert.Equal(code, answer.Code);
        if (code == 422)
        {
            Assert.Contains("resulted in error: no such key: nosuch", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_object_selector_excludes_and_a_deletion_is_judged_by_the_old_object()
    {
        var name = await PolicyAsync(
            """[{"apiGroups":["*"],"apiVersions":["*"],"operations":["DELETE"],"resources":["configmaps"]}]""",
            """[{"expression":"oldObject.metadata.name.startsWith('x') && object == null","message":"kept","reason":"Forbidden"}]""",
            objectSelector: """{"matchLabels":{"keep":"yes"}}""");
        var kept = Unique("kept");
        (await PostAsync(ConfigMaps, $$"""{"metadata":{"name":"{{kept}}","labels":{"keep":"yes"} } }""")).Succeeded(201);
        var free = await CreateConfigMapAsync("free");

        var answer = await DeniedAsync(() => DeleteAsync($"{ConfigMaps}/{kept}?dryRun=All"));
        Assert.Contains($"'{name}' denied request: kept", answer.Text, StringComparison.Ordinal);
        (await DeleteAsync($"{ConfigMaps}/{free.Name}")).Succeeded();
        (await DeleteAsync($"{Bindings}/{name}")).Succeeded();
        await EventuallyAsync(200, () => DeleteAsync($"{ConfigMaps}/{kept}?dryRun=All"));
    }

    [Fact]
    public async Task A_rule_with_names_is_for_these_objects_only()
    {
        var named = await CreateConfigMapAsync("named");
        var other = await CreateConfigMapAsync("other");
        await PolicyAsync(
            $$"""[{"apiGroups":[""],"apiVersions":["v1"],"operations":["DELETE"],"resources":["configmaps"],"resourceNames":["nothing","{{named.Name}}"]}]""",
            """[{"expression":"false","message":"named","reason":"Forbidden"}]""");

        var answer = await DeniedAsync(() => DeleteAsync($"{ConfigMaps}/{named.Name}?dryRun=All"));
        Assert.Contains("named", answer.Text, StringComparison.Ordinal);
        (await DeleteAsync($"{ConfigMaps}/{other.Name}")).Succeeded();
    }

    [Fact]
    public async Task A_policy_on_a_subresource_sees_token_requests()
    {
        var robot = await NewServiceAccountAsync();
        await PolicyAsync(
            """[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["serviceaccounts/token"]}]""",
            """[{"expression":"request.subResource != 'token' || object.spec.expirationSeconds <= 3600","message":"too long","reason":"Forbidden"}]""");

        await EventuallyAsync(
            async () => (await PostAsync($"{ServiceAccounts}/{robot.Name}/token", """{"spec":{"expirationSeconds":7200}}""")).Text.Contains("too long", StringComparison.Ordinal),
            "the policy holds");
        (await PostAsync($"{ServiceAccounts}/{robot.Name}/token", """{"spec":{"expirationSeconds":3600}}""")).Succeeded(201);
    }

    [Fact]
    public async Task A_warning_lets_the_request_through_and_is_sent_as_a_header()
    {
        var name = await PolicyAsync(Creations, """[{"expression":"object.metadata.name != 'warned'","message":"better not"}]""", action: "Warn");

        await EventuallyAsync(
            async () => (await PostAsync($"{ConfigMaps}?dryRun=All", ConfigMap("warned"))).Succeeded(201).Response.Headers.TryGetValues("Warning", out var values)
                && values.Single() == $"299 - \"Validation failed for ValidatingAdmissionPolicy '{name}' with binding '{name}': better not\"",
            "the warning is sent");
    }

    /// <summary>On a kind of its own: a real server (1.36) finds no parameters of a built-in kind again once no policy has used it for a while.</summary>
    [Fact]
    public async Task Parameters_come_from_an_object_the_binding_names()
    {
        const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        (await PostAsync(Definitions, $$$$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"settings.{{{{Fixture.Group}}}}"},
             "spec":{"group":"{{{{Fixture.Group}}}}","scope":"Namespaced","names":{"plural":"settings","kind":"Setting"},
              "versions":[{"name":"v1","served":true,"storage":true,
               "schema":{"openAPIV3Schema":{"type":"object","properties":{"forbidden":{"type":"string"} } } } }] } }
            """)).Succeeded(201);
        DeleteAtEnd($"{Definitions}/settings.{Fixture.Group}");
        var settings = $"/apis/{Fixture.Group}/v1/namespaces/{Fixture.Namespace}/settings";
        await EventuallyAsync(200, () => GetAsync(settings));
        (await PostAsync(settings, $$$"""{"apiVersion":"{{{Fixture.Group}}}/v1","kind":"Setting","metadata":{"name":"one"},"forbidden":"classified"}""")).Succeeded(201);
        await PolicyAsync(
            Creations,
            """[{"expression":"object.metadata.name != params.forbidden","message":"the name is taken"}]""",
            $$"""
            "paramKind":{"apiVersion":"{{Fixture.Group}}/v1","kind":"Setting"}
            """,
            objectSelector: """{"matchLabels":{"judged":"by-settings"}}""",
            paramRef: $$"""{"name":"one","namespace":"{{Fixture.Namespace}}","parameterNotFoundAction":"Deny"}""");

        const string Labels = """ "metadata":{"name":"NAME","labels":{"judged":"by-settings"}} """;
        Task<Answer> CreateAsync(string name) =>
            PostAsync(ConfigMaps, $$"""{"apiVersion":"v1","kind":"ConfigMap",{{Labels.Replace("NAME", name, StringComparison.Ordinal)}} }""");

        // A real server denies for want of the parameters until its cache has them.
        await EventuallyAsync(
            async () => (await CreateAsync("classified")).Text.Contains("the name is taken", StringComparison.Ordinal),
            "the policy has its parameters");
        (await CreateAsync(Unique("fine"))).Succeeded(201);
    }

    private async Task<string> PolicyAsync(
        string rules, string validations, string more = "", string action = "Deny", string objectSelector = "{}", string paramRef = "")
    {
        var name = Unique("policy") + ".conformance.test";
        (await PostAsync(Policies, Policy(name, rules, validations, more))).Succeeded(201);
        DeleteAtEnd($"{Policies}/{name}");
        var binding = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["policyName"] = name,
                ["validationActions"] = new JsonArray(action),
                ["matchResources"] = new JsonObject
                {
                    ["namespaceSelector"] = JsonNode.Parse($$"""{"matchLabels":{"kubernetes.io/metadata.name":"{{Fixture.Namespace}}"} }"""),
                    ["objectSelector"] = JsonNode.Parse(objectSelector),
                },
            },
        };
        if (paramRef.Length > 0)
        {
            binding["spec"]!["paramRef"] = JsonNode.Parse(paramRef);
        }

        (await PostAsync(Bindings, binding.ToJsonString())).Succeeded(201);
        DeleteAtEnd($"{Bindings}/{name}");
        return name;
    }

    internal static string Policy(string name, string rules, string validations, string more = "") => $$"""
        {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicy","metadata":{"name":"{{name}}"},
         "spec":{"matchConstraints":{"resourceRules":{{rules}} },"validations":{{validations}}{{(more.Length > 0 ? "," + more : "")}} } }
        """;

    /// <summary>Repeats a request that a policy should deny until it does: a real server notices policies after a moment.</summary>
    private async Task<Answer> DeniedAsync(Func<Task<Answer>> request)
    {
        Answer? last = null;
        await EventuallyAsync(
            async () =>
            {
                last = await request();
                if (last.Code is 201 && last.Response.RequestMessage!.Method == HttpMethod.Post)
                {
                    await DeleteAsync($"{ConfigMaps}/{last.Name}");
                }

                return last.Text.Contains("denied request", StringComparison.Ordinal);
            },
            "the policy denies the request");
        return last!;
    }
}
