using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

public sealed class AccessReviewTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const string Reviews = "/apis/authorization.k8s.io/v1";

    [Fact]
    public async Task SubjectAccessReview_answers_for_anybody()
    {
        var robot = await NewServiceAccountAsync();
        var groups = $"""["system:serviceaccounts","system:serviceaccounts:{Fixture.Namespace}","system:authenticated"]""";
        await GrantAsync(robot, """[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]""");
        await EventuallyAsync(404, () => robot.GetAsync($"{Pods}/nosuch"));

        var allowed = await ReviewAsync("subjectaccessreviews", $$"""{"user":"{{robot.Username}}","groups":{{groups}},"resourceAttributes":{{Pod("get")}} }""");
        var denied = await ReviewAsync("subjectaccessreviews", $$"""{"user":"{{robot.Username}}","groups":{{groups}},"resourceAttributes":{{Pod("delete")}} }""");

        Assert.True((bool)allowed["allowed"]!);
        Assert.Matches("^RBAC: allowed by RoleBinding \".+/.+\" of Role \".+\" to ServiceAccount \".+/.+\"$", (string?)allowed["reason"]);
        Assert.False((bool)denied["allowed"]!);
    }

    [Fact]
    public async Task SubjectAccessReview_looks_at_groups_and_paths()
    {
        Assert.True((bool)(await ReviewAsync("subjectaccessreviews", """{"groups":["system:masters"],"user":"x","resourceAttributes":{"verb":"*","resource":"*","group":"*"}}"""))["allowed"]!);
        Assert.True((bool)(await ReviewAsync("subjectaccessreviews", """{"groups":["system:unauthenticated"],"nonResourceAttributes":{"verb":"get","path":"/version"}}"""))["allowed"]!);
        Assert.False((bool)(await ReviewAsync("subjectaccessreviews", """{"groups":["system:unauthenticated"],"nonResourceAttributes":{"verb":"get","path":"/metrics"}}"""))["allowed"]!);
    }

    [Theory]
    [InlineData("""{"user":"x"}""", "spec.resourceAttributes")]
    [InlineData("""{"user":"x","resourceAttributes":{"verb":"get","resource":"pods"},"nonResourceAttributes":{"verb":"get","path":"/"}}""", "spec.nonResourceAttributes")]
    [InlineData("""{"resourceAttributes":{"verb":"get","resource":"pods"}}""", "spec.user")]
    public async Task SubjectAccessReview_is_validated(string spec, string field)
    {
        var answer = (await PostAsync($"{Reviews}/subjectaccessreviews", $$"""{"spec":{{spec}} }""")).Refused(422, "Invalid");

        Assert.Equal([field], answer.CauseFields);
    }

    [Fact]
    public async Task LocalSubjectAccessReview_answers_for_its_namespace_only()
    {
        var path = $"{Reviews}/namespaces/{Fixture.Namespace}/localsubjectaccessreviews";

        var answer = (await PostAsync(path, $$"""{"spec":{"user":"nobody","resourceAttributes":{{Pod("get")}} } }""")).Succeeded(201);
        Assert.False((bool)answer.Json["status"]!["allowed"]!);

        var elsewhere = (await PostAsync(path, """{"spec":{"user":"nobody","resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}}""")).Refused(422, "Invalid");
        Assert.Equal(["spec.resourceAttributes.namespace"], elsewhere.CauseFields);
    }

    [Fact]
    public async Task SelfSubjectAccessReview_answers_for_the_caller()
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, """[{"verbs":["get"],"apiGroups":["apps"],"resources":["deployments/scale"],"resourceNames":["web"]}]""");
        await EventuallyAsync(async () => await MayAsync("""{"verb":"get","group":"apps","resource":"deployments","subresource":"scale","name":"web","namespace":"NS"}"""), "the grant shows");

        Assert.False(await MayAsync("""{"verb":"get","group":"apps","resource":"deployments","subresource":"scale","name":"other","namespace":"NS"}"""));
        Assert.False(await MayAsync("""{"verb":"get","group":"apps","resource":"deployments","name":"web","namespace":"NS"}"""));
        Assert.False(await MayAsync("""{"verb":"get","group":"apps","resource":"deployments","subresource":"scale","name":"web"}"""));

        async Task<bool> MayAsync(string attributes)
        {
            var body = $$"""{"spec":{"resourceAttributes":{{attributes.Replace("NS", Fixture.Namespace, StringComparison.Ordinal)}} } }""";
            return (bool)(await robot.PostAsync($"{Reviews}/selfsubjectaccessreviews", body)).Succeeded(201).Json["status"]!["allowed"]!;
        }
    }

    [Fact]
    public async Task SelfSubjectRulesReview_lists_what_the_caller_may_do()
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, """[{"verbs":["get"],"apiGroups":[""],"resources":["configmaps"],"resourceNames":["only"]}]""");
        await EventuallyAsync(404, () => robot.GetAsync($"{ConfigMaps}/only"));

        var status = (await robot.PostAsync($"{Reviews}/selfsubjectrulesreviews", $$"""{"spec":{"namespace":"{{Fixture.Namespace}}"} }""")).Succeeded(201).Json["status"]!;

        var rules = status["resourceRules"]!.AsArray();
        var mine = Assert.Single(rules, rule => rule!["resources"]![0]!.ToString() == "configmaps");
        Assert.Equal("""["only"]""", mine!["resourceNames"]!.ToJsonString());
        Assert.Contains(rules, rule => rule!["resources"]!.AsArray().Any(resource => (string?)resource == "selfsubjectaccessreviews"));
        Assert.Contains(status["nonResourceRules"]!.AsArray(), rule => rule!["nonResourceURLs"]!.AsArray().Any(url => (string?)url == "/version"));
        Assert.NotNull(status["incomplete"]);
    }

    [Fact]
    public async Task SelfSubjectRulesReview_needs_a_namespace() =>
        (await PostAsync($"{Reviews}/selfsubjectrulesreviews", """{"spec":{}}""")).Refused(400, "BadRequest");

    [Fact]
    public async Task Asking_about_others_is_a_right_asking_about_oneself_is_not()
    {
        var robot = await NewServiceAccountAsync();

        (await robot.PostAsync($"{Reviews}/subjectaccessreviews", """{"spec":{"user":"x","resourceAttributes":{"verb":"get","resource":"pods"}}}""")).Refused(403, "Forbidden");
        (await robot.PostAsync($"{Reviews}/selfsubjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""")).Succeeded(201);
        (await Anonymous.PostAsync($"{Reviews}/selfsubjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""")).Refused(403, "Forbidden");
    }

    private string Pod(string verb) => $$"""{"verb":"{{verb}}","resource":"pods","namespace":"{{Fixture.Namespace}}"}""";

    private async Task<JsonNode> ReviewAsync(string resource, string spec) =>
        (await PostAsync($"{Reviews}/{resource}", $$"""{"spec":{{spec}} }""")).Succeeded(201).Json["status"]!;
}
