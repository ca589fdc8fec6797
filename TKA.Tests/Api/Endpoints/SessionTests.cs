using System.Net;
using System.Text.Json.Nodes;
using k8s;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>Login, status, kubeconfig, token and logout: every status of the contract's table.</summary>
public class SessionTests(Persons persons) : PersonsTests(persons)
{
    [Fact]
    public async Task Login_answers_who_what_and_until_when()
    {
        var before = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());

        var reply = (await Person(1).LoginAsync()).Expect(202);

        Assert.Equal(("person1@example.com", "view"), (reply.Session.Username, reply.Session.Role));
        Assert.InRange(reply.Session.Until, before.AddHours(8), before.AddHours(8).AddSeconds(30));
        Assert.EndsWith("Z\"", JsonNode.Parse(reply.Body)!["until"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Less_than_granted_can_be_asked_for()
    {
        var session = (await Person(2).LoginAsync("""{"period":"30m"}""")).Expect(202).Session;

        Assert.InRange(session.Until - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));
    }

    [Theory]
    [InlineData("""{"period":"9h"}""", 422, "invalid-period")]
    [InlineData("""{"period":"9m59s"}""", 422, "invalid-period")]
    [InlineData("""{"period":"-1h"}""", 422, "invalid-period")]
    [InlineData("""{"period":"forever"}""", 422, "invalid-period")]
    [InlineData("""{"role":"cluster-admin"}""", 403, "role-not-granted")]
    [InlineData("""{"role":"tka-edit","period":"2h"}""", 422, "invalid-period")]
    [InlineData("""{"rol":"edit"}""", 400, "bad-request")]
    [InlineData("""{"role":7}""", 400, "bad-request")]
    [InlineData("""{"role":""", 400, "bad-request")]
    [InlineData("[]", 400, "bad-request")]
    [InlineData("\"view\"", 400, "bad-request")]
    public async Task More_or_nonsense_is_refused_and_creates_nothing(string body, int status, string kind)
    {
        var reply = (await Person(3).LoginAsync(body)).Expect(status);

        Assert.Equal(kind, reply.Kind);
        (await Person(3).GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task An_empty_wish_is_no_wish(string body) => Assert.Equal("view", (await Person(4).LoginAsync(body)).Expect(202).Session.Role);

    [Fact]
    public async Task A_body_that_is_not_JSON_is_refused()
    {
        using var form = new FormUrlEncodedContent([new("role", "edit")]);
        using var response = await Person(5).PostAsync(ApiRoutes.Login, form, Cancel);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task Status_tells_how_far_it_is()
    {
        var person = Person(6);
        (await person.GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
        await person.LoginAsync();

        var reply = (await person.GetAsync(ApiRoutes.Login, wait: 20)).Expect(200);

        Assert.Equal(SessionStatus.Ready, reply.Session.Status);
        Assert.Equal("wait=20", Assert.Single(reply.Headers.GetValues("Preference-Applied")));
    }

    [Fact]
    public async Task Nobody_gets_credentials_without_signing_in()
    {
        foreach (var path in new[] { ApiRoutes.Kubeconfig, ApiRoutes.Token, ApiRoutes.Login })
        {
            var reply = (await Person(7).GetAsync(path, wait: 5)).Expect(401);
            Assert.Equal("not-signed-in", reply.Kind);
        }

        (await Person(7).LogoutAsync()).Expect(404);
    }

    [Fact]
    public async Task Kubeconfig_is_JSON_in_the_Go_form_unless_YAML_is_asked_for()
    {
        var person = Person(8);
        await person.SignInAsync();

        var json = (await person.GetAsync(ApiRoutes.Kubeconfig, wait: null)).Expect(200);
        var yaml = (await person.GetAsync(ApiRoutes.Kubeconfig, wait: null, ("Accept", "text/yaml;q=0.9, application/json;q=0.1"))).Expect(200);

        var maps = json.Read(ContractsJsonContext.Default.KubeconfigMaps);
        Assert.Equal("application/json", json.ContentType?.MediaType);
        Assert.StartsWith("tka-context-person8-", maps.CurrentContext, StringComparison.Ordinal);
        var context = maps.Contexts[maps.CurrentContext];
        Assert.StartsWith("tka-user-person8-", context.User, StringComparison.Ordinal);
        Assert.Equal("test", context.Cluster);
        Assert.NotEmpty(maps.Users[context.User].Token!);
        Assert.Equal(Stack.Cluster.Configuration.Host.TrimEnd('/'), maps.Clusters["test"].Server);
        Assert.Equal("application/yaml", yaml.ContentType?.MediaType);
        Assert.All([json, yaml], reply => Assert.True(reply.Headers.CacheControl!.NoStore));
        var listed = KubernetesYaml.Deserialize<k8s.KubeConfigModels.K8SConfiguration>(yaml.Body);
        Assert.Equal(maps.CurrentContext, listed.CurrentContext);
    }

    [Fact]
    public async Task Token_is_an_ExecCredential_that_ends_with_the_session()
    {
        var person = Person(9);
        var session = await person.SignInAsync("""{"period":"30m"}""");

        var reply = (await person.GetAsync(ApiRoutes.Token, wait: null)).Expect(200);

        var credential = reply.Read(ContractsJsonContext.Default.ExecCredential);
        Assert.Equal(("client.authentication.k8s.io/v1", "ExecCredential"), (credential.ApiVersion, credential.Kind));
        Assert.True(credential.Status!.ExpirationTimestamp <= session.Until);
        Assert.True(reply.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Someone_bound_in_namespaces_starts_in_the_first()
    {
        var bob = Stack.From("127.0.2.1");
        var session = await bob.SignInAsync();

        var maps = (await bob.GetAsync(ApiRoutes.Kubeconfig, wait: null)).Expect(200).Read(ContractsJsonContext.Default.KubeconfigMaps);

        Assert.Equal(["default"], session.Namespaces);
        Assert.Equal("default", maps.Contexts[maps.CurrentContext].Namespace);
    }

    [Fact]
    public async Task A_refused_role_is_told_and_waiting_ends_at_once()
    {
        var person = Stack.From("127.0.2.2");
        (await person.LoginAsync()).Expect(202);

        var status = (await person.GetAsync(ApiRoutes.Login, wait: 20)).Expect(200).Session;
        var kubeconfig = (await person.GetAsync(ApiRoutes.Kubeconfig, wait: 20)).Expect(403);

        Assert.Equal((SessionStatus.Rejected, "RoleNotAllowed"), (status.Status, status.Reason));
        Assert.Equal("session-rejected", kubeconfig.Kind);
    }

    [Fact]
    public async Task Access_explains_and_creates_nothing()
    {
        var access = (await Person(15).GetAsync(ApiRoutes.Access, wait: null)).Expect(200).Read(ContractsJsonContext.Default.AccessResponse);

        Assert.Equal(("person15@example.com", "laptop15", "view"), (access.Username, access.Node, access.Role));
        Assert.Equal(TimeSpan.FromHours(8), access.Period);
        Assert.Equal(["view", "tka-edit"], access.Rules.Select(rule => rule.Role));
        Assert.Equal([true, false], access.Rules.Select(rule => rule.Wins));
        Assert.Contains("--role tka-edit", access.Rules[1].Why, StringComparison.Ordinal);
        (await Person(15).GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
    }

    [Fact]
    public async Task Access_tells_what_the_operator_will_not_bind_and_the_two_ways_out()
    {
        var access = (await Stack.From("127.0.2.2").GetAsync(ApiRoutes.Access, wait: null)).Expect(200).Read(ContractsJsonContext.Default.AccessResponse);

        Assert.Equal(3, access.Rules.Count);
        Assert.All(access.Rules, rule => Assert.Contains("Two ways out", rule.Refusal, StringComparison.Ordinal));
        Assert.Contains("grant tka-admin with \"namespaces\"", access.Rules.Single(rule => rule.Role == "cluster-admin").Refusal, StringComparison.Ordinal);
        Assert.Contains("grant tka-edit with \"namespaces\"", access.Rules.Single(rule => rule.Role == "edit").Refusal, StringComparison.Ordinal);
        Assert.Contains("operator.clusterWideRoles", access.Rules.Single(rule => rule.Role == "tka-admin").Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_info_tells_how_to_reach_the_cluster()
    {
        var info = (await Person(16).GetAsync(ApiRoutes.ClusterInfo, wait: null)).Expect(200).Read(ContractsJsonContext.Default.ClusterInfo);

        Assert.Equal(Stack.Cluster.Configuration.Host.TrimEnd('/'), info.ServerUrl);
        Assert.NotEmpty(info.CaData);
        Assert.Equal("test", info.Labels["environment"]);
        Assert.False(info.InsecureSkipTlsVerify);
    }
}
