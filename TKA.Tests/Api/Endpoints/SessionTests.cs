using System.Net;
using System.Text.Json.Nodes;
using k8s;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>People of <see cref="SessionTests"/>; each test has one of its own, so that tests share a stack and nothing else.</summary>
public sealed class Persons : IAsyncLifetime
{
    public TkaStack Stack { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var policy = new TestTailnetPolicy();
        for (var i = 1; i <= 40; i++)
        {
            policy.Person($"127.0.1.{i}", $"person{i}@example.com", """[{"role":"view","period":"8h","priority":10},{"role":"edit","period":"1h"}]""", name: $"laptop{i}");
        }

        policy
            .Person("127.0.2.1", "bob@example.com", """[{"role":"view","period":"8h","namespaces":["default"]}]""")
            .Person("127.0.2.2", "refused@example.com", """[{"role":"cluster-admin","period":"8h"}]""")
            .Person("127.0.2.3", "same@a.example", """[{"role":"view","period":"8h"}]""")
            .Person("127.0.2.4", "same@b.example", """[{"role":"edit","period":"8h"}]""");
        Stack = await TkaStack.StartAsync(CancellationToken.None, new TkaStackOptions { Policy = policy.ToString() });
    }

    public ValueTask DisposeAsync() => Stack.DisposeAsync();
}

/// <summary>Login, status, kubeconfig, token and logout: every status of the contract's table.</summary>
public class SessionTests(Persons shared) : IClassFixture<Persons>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private TkaStack Stack => shared.Stack;

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
    [InlineData("""{"role":"edit","period":"2h"}""", 422, "invalid-period")]
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
    public async Task Logging_in_again_renews_from_now()
    {
        var person = Person(10);
        var first = await person.SignInAsync("""{"period":"30m"}""");

        var second = await person.SignInAsync("""{"period":"2h"}""");

        Assert.True(second.Until > first.Until.AddHours(1));
        Assert.Equal(SessionStatus.Ready, second.Status);
    }

    [Fact]
    public async Task A_changed_role_takes_effect()
    {
        var person = Person(11);
        await person.SignInAsync();
        using (var viewer = await KubernetesAsync(person))
        {
            Assert.Equal(HttpStatusCode.Forbidden, await CreateConfigMapAsync(viewer, "role-change"));
        }

        Assert.Equal("edit", (await person.SignInAsync("""{"role":"edit"}""")).Role);
        using (var editor = await KubernetesAsync(person))
        {
            Assert.Equal(HttpStatusCode.Created, await CreateConfigMapAsync(editor, "role-change"));
        }

        await person.SignInAsync("""{"role":"view"}""");
        using var viewerAgain = await KubernetesAsync(person);
        Assert.Equal(HttpStatusCode.Forbidden, await CreateConfigMapAsync(viewerAgain, "role-change-2"));
    }

    [Fact]
    public async Task A_login_right_after_a_logout_gives_a_new_session_whose_old_tokens_are_dead()
    {
        var person = Person(12);
        for (var i = 0; i < 10; i++)
        {
            await person.SignInAsync();
            var old = (await person.GetAsync(ApiRoutes.Token, wait: null)).Expect(200).Read(ContractsJsonContext.Default.ExecCredential).Status!.Token;
            (await person.LogoutAsync()).Expect(200);
            await person.SignInAsync();
            var fresh = (await person.GetAsync(ApiRoutes.Token, wait: 5)).Expect(200).Read(ContractsJsonContext.Default.ExecCredential).Status!.Token;

            Assert.NotEqual(Subject(old), Subject(fresh));
        }
    }

    [Fact]
    public async Task Concurrent_logins_of_one_person_converge()
    {
        var clients = Enumerable.Range(0, 12).Select(_ => Person(13)).ToArray();

        var replies = await Task.WhenAll(clients.Select((client, i) => client.LoginAsync(i % 2 == 0 ? null : """{"role":"edit"}""")));

        Assert.All(replies, reply => reply.Expect(202));
        (await clients[0].GetAsync(ApiRoutes.Login, wait: 20)).Expect(200);
        var signins = await Stack.Cluster.Admin.CustomObjects.ListNamespacedCustomObjectAsync<JsonObject>(
            "tka.specht-labs.de", "v1alpha1", Stack.Installed.SessionsNamespace, "tkasignins", cancellationToken: Cancel);
        Assert.Single(signins["items"]!.AsArray(), item => item!["spec"]!["username"]!.ToString() == "person13@example.com");
    }

    [Fact]
    public async Task Concurrent_logouts_end_the_session_once()
    {
        var person = Person(14);
        await person.SignInAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => person.LogoutAsync()));

        Assert.All(replies, reply => Assert.True(reply.Status is HttpStatusCode.OK or HttpStatusCode.NotFound));
        Assert.Contains(replies, reply => reply.Status == HttpStatusCode.OK);
        (await person.GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
    }

    [Fact]
    public async Task The_same_local_part_at_two_domains_is_two_people()
    {
        var (a, b) = (Stack.From("127.0.2.3"), Stack.From("127.0.2.4"));
        await a.SignInAsync();
        await b.SignInAsync();
        var tokenOfA = (await a.GetAsync(ApiRoutes.Token, wait: null)).Expect(200);
        var tokenOfB = (await b.GetAsync(ApiRoutes.Token, wait: null)).Expect(200);
        (await b.LogoutAsync()).Expect(200);

        Assert.NotEqual(
            Subject(tokenOfA.Read(ContractsJsonContext.Default.ExecCredential).Status!.Token),
            Subject(tokenOfB.Read(ContractsJsonContext.Default.ExecCredential).Status!.Token));
        Assert.Equal("view", (await a.GetAsync(ApiRoutes.Login, wait: null)).Expect(200).Session.Role);
    }

    [Fact]
    public async Task Access_explains_and_creates_nothing()
    {
        var access = (await Person(15).GetAsync(ApiRoutes.Access, wait: null)).Expect(200).Read(ContractsJsonContext.Default.AccessResponse);

        Assert.Equal(("person15@example.com", "laptop15", "view"), (access.Username, access.Node, access.Role));
        Assert.Equal(TimeSpan.FromHours(8), access.Period);
        Assert.Equal(["view", "edit"], access.Rules.Select(rule => rule.Role));
        Assert.Equal([true, false], access.Rules.Select(rule => rule.Wins));
        Assert.Contains("--role edit", access.Rules[1].Why, StringComparison.Ordinal);
        (await Person(15).GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
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

    [Fact]
    public async Task A_session_deleted_in_the_cluster_is_over_for_the_API_too()
    {
        var person = Person(17);
        await person.SignInAsync();

        await Stack.Cluster.Admin.CustomObjects.DeleteNamespacedCustomObjectAsync(
            "tka.specht-labs.de", "v1alpha1", Stack.Installed.SessionsNamespace, "tkasignins", TKA.Kubernetes.SessionNames.ForLogin("person17@example.com"), cancellationToken: Cancel);

        await Poll.UntilAsync(async () => (await person.GetAsync(ApiRoutes.Login, wait: null)).Status == HttpStatusCode.Unauthorized, TimeSpan.FromSeconds(10), Cancel);
    }

    [Fact]
    public async Task Decisions_are_audited_without_secrets()
    {
        var person = Person(18);
        await person.SignInAsync();
        var token = (await person.GetAsync(ApiRoutes.Token, wait: null)).Expect(200).Read(ContractsJsonContext.Default.ExecCredential).Status!.Token;
        await person.LoginAsync("""{"role":"cluster-admin"}""");
        await person.LogoutAsync();

        var records = Stack.ApiLogs.Lines.Where(line => line.Category == "TKA.Audit" && (string?)line.Fields["Username"] == "person18@example.com").ToArray();

        Assert.Equal(
            ["login granted", "token granted", "login refused", "logout ended"],
            records.Select(record => $"{record.Fields["Action"]} {record.Fields["Outcome"]}"));
        Assert.All(records, record => Assert.Equal("laptop18", record.Fields["Node"]));
        Assert.All(records, record => Assert.NotNull(record.Fields["TraceId"]));
        Assert.StartsWith("JTI=", (string)records[1].Fields["CredentialId"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(Stack.ApiLogs.Lines, line => line.Message.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_trace_of_a_login_is_left_on_the_session()
    {
        var person = Person(19);
        (await person.CallAsync(HttpMethod.Post, ApiRoutes.Login, null, ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))).Expect(202);

        var signin = await Stack.Cluster.Admin.CustomObjects.GetNamespacedCustomObjectAsync<JsonObject>(
            "tka.specht-labs.de", "v1alpha1", Stack.Installed.SessionsNamespace, "tkasignins", TKA.Kubernetes.SessionNames.ForLogin("person19@example.com"), cancellationToken: Cancel);

        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", signin["metadata"]!["annotations"]!["tka.specht-labs.de/traceparent"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_carry_roles_and_never_names()
    {
        await Person(20).SignInAsync();
        using var http = new HttpClient { BaseAddress = Stack.ApiManagementUri };

        var metrics = await http.GetStringAsync("/metrics", Cancel);

        Assert.Contains("tka_login_attempts_total{", metrics, StringComparison.Ordinal);
        Assert.Contains("tka_user_signins_total{", metrics, StringComparison.Ordinal);
        Assert.Contains("tka_active_user_sessions{", metrics, StringComparison.Ordinal);
        Assert.Contains("tka_whois_duration_seconds_bucket{", metrics, StringComparison.Ordinal);
        Assert.Contains("cluster_role=\"view\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("example.com", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("person", metrics, StringComparison.Ordinal);
    }

    private HttpClient Person(int number) => Stack.From($"127.0.1.{number}");

    private static async Task<k8s.Kubernetes> KubernetesAsync(HttpClient person)
    {
        var yaml = (await person.GetAsync(ApiRoutes.Kubeconfig, wait: 20, ("Accept", "application/yaml"))).Expect(200).Body;
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(yaml));
        return new k8s.Kubernetes(await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(stream));
    }

    private static async Task<HttpStatusCode> CreateConfigMapAsync(k8s.Kubernetes client, string name)
    {
        try
        {
            using var response = await client.CoreV1.CreateNamespacedConfigMapWithHttpMessagesAsync(
                new k8s.Models.V1ConfigMap { Metadata = new k8s.Models.V1ObjectMeta { Name = name } }, "default", cancellationToken: Cancel);
            return response.Response.StatusCode;
        }
        catch (k8s.Autorest.HttpOperationException e)
        {
            return e.Response.StatusCode;
        }
    }

    /// <summary>The ServiceAccount's uid inside a token.</summary>
    private static string Subject(string token)
    {
        var payload = System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]);
        return JsonNode.Parse(payload)!["kubernetes.io"]!["serviceaccount"]!["uid"]!.ToString();
    }
}
