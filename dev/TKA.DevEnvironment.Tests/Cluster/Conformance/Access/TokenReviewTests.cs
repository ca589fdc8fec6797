using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

public sealed class TokenReviewTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const string TokenReviews = "/apis/authentication.k8s.io/v1/tokenreviews";

    [Fact]
    public async Task A_good_token_names_its_user_and_the_audience_it_is_good_for()
    {
        var robot = await NewServiceAccountAsync();

        var status = await ReviewAsync(robot.Token);

        Assert.True((bool)status["authenticated"]!);
        Assert.Equal(robot.Username, (string?)status["user"]!["username"]);
        Assert.Contains("system:authenticated", status["user"]!["groups"]!.AsArray().Select(group => (string?)group));
        Assert.Single(status["audiences"]!.AsArray());
        Assert.Null(status["error"]);
    }

    [Fact]
    public async Task A_token_is_good_only_for_audiences_it_names()
    {
        var robot = await NewServiceAccountAsync();
        var token = await TokenAsync(robot.Name, """{"audiences":["tka-operator","other"]}""");

        var good = await ReviewAsync(token, "\"tka-operator\",\"third\"");
        Assert.True((bool)good["authenticated"]!);
        Assert.Equal("""["tka-operator"]""", good["audiences"]!.ToJsonString());

        AssertRefused(await ReviewAsync(token, "\"third\""));
        AssertRefused(await ReviewAsync(token));
        AssertRefused(await ReviewAsync(robot.Token, "\"tka-operator\""));
    }

    [Fact]
    public async Task Nonsense_is_an_answer_not_an_error() => AssertRefused(await ReviewAsync("nonsense"));

    [Fact]
    public async Task A_dead_token_is_no_longer_authenticated()
    {
        var robot = await NewServiceAccountAsync();
        (await DeleteAsync($"{ServiceAccounts}/{robot.Name}")).Succeeded();

        await EventuallyAsync(async () => (await ReviewAsync(robot.Token))["authenticated"] is null, "the token is refused");
    }

    [Fact]
    public async Task A_review_without_a_token_is_a_bad_request() =>
        (await PostAsync(TokenReviews, """{"spec":{}}""")).Refused(400, "BadRequest");

    [Fact]
    public async Task Reviewing_tokens_is_a_right()
    {
        var robot = await NewServiceAccountAsync();
        (await robot.PostAsync(TokenReviews, """{"spec":{"token":"x"}}""")).Refused(403, "Forbidden");

        (await PostAsync(ClusterRoleBindings, Binding(robot.Name, "ClusterRole", "system:auth-delegator", robot))).Succeeded(201);
        DeleteAtEnd($"{ClusterRoleBindings}/{robot.Name}");

        await EventuallyAsync(201, () => robot.PostAsync(TokenReviews, """{"spec":{"token":"x"}}"""));
    }

    private async Task<JsonObject> ReviewAsync(string token, string audiences = "")
    {
        var spec = audiences.Length > 0 ? $$"""{"token":"{{token}}","audiences":[{{audiences}}]}""" : $$"""{"token":"{{token}}"}""";
        return (JsonObject)(await PostAsync(TokenReviews, $$"""{"spec":{{spec}} }""")).Succeeded(201).Json["status"]!;
    }

    private static void AssertRefused(JsonObject status)
    {
        Assert.True(status["authenticated"] is null || !(bool)status["authenticated"]!);
        Assert.NotEmpty((string)status["error"]!);
        Assert.Null(status["user"]!["username"]);
    }
}
