using System.Net;
using System.Text.Json.Nodes;
using k8s;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>Sessions that are renewed, changed, ended and begun again, also by several at once.</summary>
public class SessionChangeTests(Persons persons) : PersonsTests(persons)
{
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
    public async Task Another_role_is_a_session_beside_with_rights_of_its_own()
    {
        var person = Person(11);
        await person.SignInAsync();
        (await person.LoginAsync("""{"role":"tka-edit"}""")).Expect(202);
        using var viewer = await KubernetesAsync(person, role: null);
        using var editor = await KubernetesAsync(person, "tka-edit");

        Assert.Equal(HttpStatusCode.Forbidden, await CreateConfigMapAsync(viewer, "beside"));
        Assert.Equal(HttpStatusCode.Created, await CreateConfigMapAsync(editor, "beside"));
        Assert.Equal(HttpStatusCode.Forbidden, await CreateConfigMapAsync(viewer, "beside-2"));
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

        var replies = await Task.WhenAll(clients.Select((client, i) => client.LoginAsync(i % 2 == 0 ? null : """{"role":"tka-edit"}""")));

        Assert.All(replies, reply => reply.Expect(202));
        (await clients[0].GetAsync(ApiRoutes.Login, wait: 20)).Expect(200);
        var signins = await Stack.Cluster.Admin.CustomObjects.ListNamespacedCustomObjectAsync<JsonObject>(
            "tka.specht-labs.de", "v1alpha1", Stack.Installed.SessionsNamespace, "tkasignins", cancellationToken: Cancel);
        var roles = signins["items"]!.AsArray().Where(item => item!["spec"]!["username"]!.ToString() == "person13@example.com").Select(item => item!["spec"]!["role"]!.ToString());
        Assert.Equal(["tka-edit", "view"], roles.Order(StringComparer.Ordinal));
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
    public async Task A_session_deleted_in_the_cluster_is_over_for_the_API_too()
    {
        var person = Person(17);
        await person.SignInAsync();

        await Stack.Cluster.Admin.CustomObjects.DeleteNamespacedCustomObjectAsync(
            "tka.specht-labs.de", "v1alpha1", Stack.Installed.SessionsNamespace, "tkasignins", TKA.Contracts.Sessions.SessionNames.ForLogin("person17@example.com"), cancellationToken: Cancel);

        await Eventually.TrueAsync(async () => (await person.GetAsync(ApiRoutes.Login, wait: null)).Status == HttpStatusCode.Unauthorized);
    }

    private static async Task<k8s.Kubernetes> KubernetesAsync(HttpClient person, string? role)
    {
        var yaml = (await person.GetAsync(ApiRoutes.ForRole(ApiRoutes.Kubeconfig, role), wait: 20, ("Accept", "application/yaml"))).Expect(200).Body;
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
        catch (k8s.Autorest.HttpOperationException exception)
        {
            return exception.Response.StatusCode;
        }
    }

    /// <summary>The ServiceAccount's uid inside a token.</summary>
    private static string Subject(string token)
    {
        var payload = System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]);
        return JsonNode.Parse(payload)!["kubernetes.io"]!["serviceaccount"]!["uid"]!.ToString();
    }
}
