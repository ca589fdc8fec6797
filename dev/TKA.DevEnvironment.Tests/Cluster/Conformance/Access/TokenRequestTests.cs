using System.Buffers.Text;
using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

public sealed class TokenRequestTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    [Fact]
    public async Task A_token_lasts_an_hour_unless_asked_otherwise_and_carries_the_documented_claims()
    {
        var robot = await NewServiceAccountAsync();
        var uid = (await GetAsync($"{ServiceAccounts}/{robot.Name}")).Uid;

        var answer = (await PostAsync($"{ServiceAccounts}/{robot.Name}/token", """{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","spec":{}}""")).Succeeded(201);
        var claims = Claims((string)answer.Json["status"]!["token"]!);

        Assert.Equal("TokenRequest", (string?)answer.Json["kind"]);
        Assert.Equal("authentication.k8s.io/v1", (string?)answer.Json["apiVersion"]);
        Assert.Equal(robot.Name, answer.Name);
        Assert.Equal(3600, (long)answer.Json["spec"]!["expirationSeconds"]!);
        Assert.Equal(3600, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal(
            DateTimeOffset.FromUnixTimeSeconds((long)claims["exp"]!),
            DateTimeOffset.Parse((string)answer.Json["status"]!["expirationTimestamp"]!, CultureInfo.InvariantCulture));
        Assert.Equal(robot.Username, (string?)claims["sub"]);
        Assert.Equal(Fixture.Namespace, (string?)claims["kubernetes.io"]!["namespace"]);
        Assert.Equal(robot.Name, (string?)claims["kubernetes.io"]!["serviceaccount"]!["name"]);
        Assert.Equal(uid, (string?)claims["kubernetes.io"]!["serviceaccount"]!["uid"]);
        Assert.True(JsonNode.DeepEquals(answer.Json["spec"]!["audiences"], claims["aud"]));
        Assert.NotEmpty((string)claims["iss"]!);
        Assert.NotNull(claims["nbf"]);
    }

    [Fact]
    public async Task Every_token_has_an_identifier_of_its_own()
    {
        var robot = await NewServiceAccountAsync();

        Assert.NotEqual((string?)Claims(await TokenAsync(robot.Name))["jti"], (string?)Claims(await TokenAsync(robot.Name))["jti"]);
    }

    [Theory]
    [InlineData(600, 201)]
    [InlineData(599, 422)]
    [InlineData(0, 422)]
    [InlineData(-1, 422)]
    [InlineData(4294967297, 422)]
    public async Task A_token_lasts_at_least_ten_minutes(long seconds, int code)
    {
        var robot = await NewServiceAccountAsync();

        var answer = await PostAsync($"{ServiceAccounts}/{robot.Name}/token", $$"""{"spec":{"expirationSeconds":{{seconds}} } }""");

        if (code == 201)
        {
            // A server may shorten what is asked for, never below what it says itself.
            Assert.InRange((long)Claims((string)answer.Succeeded(201).Json["status"]!["token"]!)["exp"]!, 1, long.MaxValue);
            return;
        }

        answer.Refused(422, "Invalid");
        var rule = seconds < 600 ? "may not specify a duration less than 10 minutes" : "may not specify a duration larger than 2^32 seconds";
        Assert.Equal(["spec.expirationSeconds"], answer.CauseFields);
        Assert.Equal($"TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {seconds}: {rule}", (string?)answer.Json["message"]);
        Assert.Equal("FieldValueInvalid", (string?)answer.Json["details"]!["causes"]![0]!["reason"]);
    }

    [Theory]
    [InlineData("""{"expirationSeconds":"600"}""")]
    [InlineData("""{"audiences":"tka-operator"}""")]
    [InlineData("""{"audiences":[1]}""")]
    [InlineData("""{"boundObjectRef":"secret"}""")]
    [InlineData("[]")]
    public async Task A_field_of_another_type_is_a_bad_request(string spec)
    {
        var robot = await NewServiceAccountAsync();

        (await PostAsync($"{ServiceAccounts}/{robot.Name}/token", $$"""{"spec":{{spec}} }""")).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task An_unknown_field_is_refused_when_validation_is_strict()
    {
        var robot = await NewServiceAccountAsync();

        var answer = await PostAsync($"{ServiceAccounts}/{robot.Name}/token?fieldValidation=Strict", """{"spec":{"audience":["tka-operator"]}}""");

        Assert.Contains("unknown field \"spec.audience\"", (string)answer.Refused(400, "BadRequest").Json["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_gets_a_token_for_a_ServiceAccount_that_does_not_exist() =>
        (await PostAsync($"{ServiceAccounts}/nobody/token", """{"spec":{}}""")).Refused(404, "NotFound");

    [Fact]
    public async Task A_request_that_names_another_account_than_its_path_is_invalid()
    {
        var robot = await NewServiceAccountAsync();

        var answer = (await PostAsync($"{ServiceAccounts}/{robot.Name}/token", """{"metadata":{"name":"other"},"spec":{}}""")).Refused(422, "Invalid");

        Assert.Equal(["metadata.name"], answer.CauseFields);
    }

    [Fact]
    public async Task Minting_tokens_is_a_right_of_its_own()
    {
        var (minter, robot) = (await NewServiceAccountAsync("minter"), await NewServiceAccountAsync());
        await GrantAsync(minter, """[{"verbs":["*"],"apiGroups":[""],"resources":["serviceaccounts"]}]""");
        await EventuallyAsync(200, () => minter.GetAsync($"{ServiceAccounts}/{robot.Name}"));

        var answer = (await minter.PostAsync($"{ServiceAccounts}/{robot.Name}/token", """{"spec":{}}""")).Refused(403, "Forbidden");
        Assert.Equal(
            $"serviceaccounts \"{robot.Name}\" is forbidden: User \"{minter.Username}\" cannot create resource \"serviceaccounts/token\" in API group \"\" in the namespace \"{Fixture.Namespace}\"",
            (string?)answer.Json["message"]);

        await GrantAsync(minter, $$"""[{"verbs":["create"],"apiGroups":[""],"resources":["serviceaccounts/token"],"resourceNames":["{{robot.Name}}"]}]""");
        await EventuallyAsync(201, () => minter.PostAsync($"{ServiceAccounts}/{robot.Name}/token", """{"spec":{}}"""));
        (await minter.PostAsync($"{ServiceAccounts}/{minter.Name}/token", """{"spec":{}}""")).Refused(403, "Forbidden");
    }

    [Fact]
    public async Task A_token_for_another_audience_does_not_open_the_API_server()
    {
        var robot = await NewServiceAccountAsync();

        var token = await TokenAsync(robot.Name, """{"audiences":["tka-operator"]}""");

        Assert.Equal("""["tka-operator"]""", Claims(token)["aud"]!.ToJsonString());
        (await Bearer(token).GetAsync("/api")).Refused(401, "Unauthorized");
    }

    [Fact]
    public async Task A_token_dies_with_its_ServiceAccount_and_stays_dead_when_one_of_that_name_comes_back()
    {
        var robot = await NewServiceAccountAsync();
        (await robot.GetAsync("/api")).Succeeded();

        (await DeleteAsync($"{ServiceAccounts}/{robot.Name}")).Succeeded();
        await EventuallyAsync(401, () => robot.GetAsync("/api"));

        (await PostAsync(ServiceAccounts, $$"""{"metadata":{"name":"{{robot.Name}}"} }""")).Succeeded(201);
        var successor = Bearer(await TokenAsync(robot.Name));
        (await successor.GetAsync("/api")).Succeeded();
        (await robot.GetAsync("/api")).Refused(401, "Unauthorized");
    }

    [Fact]
    public async Task The_embedded_cluster_refuses_to_bind_a_token_to_an_object()
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster binds it");
        var robot = await NewServiceAccountAsync();
        const string Body = """{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Secret","name":"device"} } }""";

        (await PostAsync($"{ServiceAccounts}/{robot.Name}/token", Body)).Refused(501, "NotImplemented");
    }

    [Fact]
    public async Task A_Secret_that_nothing_would_fill_with_a_token_is_refused_not_stored()
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "A real cluster has the controller that fills it.");

        var answer = await PostAsync(Secrets, """
            {"metadata":{"name":"legacy","annotations":{"kubernetes.io/service-account.name":"default"}},"type":"kubernetes.io/service-account-token"}
            """);

        answer.Refused(501, "NotImplemented");
    }

    private static JsonObject Claims(string token) => (JsonObject)JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;
}
