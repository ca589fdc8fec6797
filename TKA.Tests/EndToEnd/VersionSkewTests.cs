using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using TKA.Contracts;
using TKA.Contracts.Operator;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Tests.Deploy;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>
/// CLI, API, operator and CRD one version apart. There is no other version yet, so the other side is played: an earlier one knows fewer
/// fields (<c>GoClientTests</c> and <c>OtherServersTests</c> play the earliest), a later one more.
/// </summary>
public sealed class VersionSkewTests
{
    private const string Alice = "alice@example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_that_a_later_version_has_written_lives_through_an_upgrade_and_ends()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "changes the definition, which is the cluster's");
        await using var stack = await TkaStack.StartAsync(Cancel);
        using var alice = stack.From("127.0.0.1");
        await alice.SignInAsync();
        var token = (await alice.GetAsync(ApiRoutes.Kubeconfig, wait: 20)).Expect(200).Body;
        await stack.Cluster.Admin.PatchCustomResourceDefinitionAsync(
            new V1Patch(
                """
                [{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-preserve-unknown-fields","value":true},
                 {"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/status/x-kubernetes-preserve-unknown-fields","value":true}]
                """,
                V1Patch.PatchType.JsonPatch),
            $"{TkaSigninResource.Plural}.{TkaSigninResource.Group}",
            cancellationToken: Cancel);

        using var api = TestCluster.Client(await stack.Installed.KubeconfigForAsync("tka-api", Cancel));
        await Eventually.TrueAsync(async () =>
        {
            var signin = await ReadAsync(stack, Alice);
            signin["spec"]!["later"] = new JsonObject { ["known"] = "not yet" };
            return (await new SigninClient(api, stack.Installed.SessionsNamespace).ReplaceAsync(SessionNames.ForLogin(Alice), signin, Cancel))["spec"]!["later"] is not null;
        });
        await stack.Cluster.Admin.CustomObjects.PatchNamespacedCustomObjectStatusAsync<object>(
            new V1Patch("""{"status":{"later":"kept"}}""", V1Patch.PatchType.MergePatch),
            TkaSigninResource.Group, TkaSigninResource.Version, stack.Installed.SessionsNamespace, TkaSigninResource.Plural, SessionNames.ForLogin(Alice), cancellationToken: Cancel);

        await stack.StopOperatorAsync();
        await stack.StopApiAsync();
        await stack.StartOperatorAsync(Cancel);
        await stack.StartApiAsync(Cancel);
        using var again = stack.From("127.0.0.1");

        Assert.NotEmpty(token);
        (await again.GetAsync(ApiRoutes.Login, wait: 20)).Expect(200);
        (await again.LoginAsync("""{"period":"30m"}""")).Expect(202);
        (await again.GetAsync(ApiRoutes.Kubeconfig, wait: 20)).Expect(200);
        Assert.Equal("kept", (string?)(await ReadAsync(stack, Alice))["status"]!["later"]);
        await EndsAsync(stack, again);
    }

    [Fact]
    public async Task A_session_that_an_earlier_version_has_written_is_provisioned_and_ends()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        using var api = TestCluster.Client(await stack.Installed.KubeconfigForAsync("tka-api", Cancel));
        await new SigninClient(api, stack.Installed.SessionsNamespace).CreateAsync(
            new JsonObject
            {
                ["apiVersion"] = TkaSigninResource.ApiVersion,
                ["kind"] = TkaSigninResource.Kind,
                ["metadata"] = new JsonObject
                {
                    ["name"] = SessionNames.ForLogin(Alice),
                    ["annotations"] = new JsonObject { [TkaAnnotations.LastAttemptedSignIn] = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture) },
                },
                ["spec"] = new JsonObject { ["username"] = Alice, ["role"] = "view", ["validity_period"] = "1h0m0s" },
            },
            Cancel);
        using var alice = stack.From("127.0.0.1");
        await Eventually.TrueAsync(async () => (await alice.GetAsync(ApiRoutes.Kubeconfig, wait: 5)).Status == System.Net.HttpStatusCode.OK, "there is a token");
        await EndsAsync(stack, alice);
    }

    [Fact]
    public async Task What_a_later_version_asks_is_answered_or_refused_by_name()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        using var alice = stack.From("127.0.0.1");
        await alice.SignInAsync();

        // The operator issues what it knows, whatever else a later API asks.
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } }) { BaseAddress = stack.OperatorProxy.Uri };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await File.ReadAllTextAsync(stack.ApiConfiguration["operator:tokenService:tokenFile"]!, Cancel));
        var body = new JsonObject { ["uid"] = (string?)(await ReadAsync(stack, Alice))["metadata"]!["uid"], ["username"] = Alice, ["later"] = new JsonArray(1, 2) };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(OperatorRoutes.ForSession(SessionNames.ForLogin(Alice)), UriKind.Relative), content, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));

        // An API understands a later operator's answer.
        var issued = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!.AsObject();
        issued["later"] = new JsonObject { ["known"] = "not yet" };
        Assert.NotEmpty(JsonSerializer.Deserialize(issued.ToJsonString(), ContractsJsonContext.Default.SessionToken)!.Token);

        // A login that asks for what this API cannot give is refused, and the session stays as it was.
        var refused = await alice.LoginAsync("""{"period":"30m","later":"less"}""");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("later", refused.Body, StringComparison.Ordinal);
        Assert.Equal("8h0m0s", (string?)(await ReadAsync(stack, Alice))["spec"]!["validity_period"]);
    }

    private static async Task<JsonObject> ReadAsync(TkaStack stack, string login) => JsonNode.Parse(KubernetesJson.Serialize(
        await stack.Cluster.Admin.CustomObjects.GetNamespacedCustomObjectAsync<object>(
            TkaSigninResource.Group, TkaSigninResource.Version, stack.Installed.SessionsNamespace, TkaSigninResource.Plural, SessionNames.ForLogin(login), cancellationToken: Cancel)))!.AsObject();

    private static async Task EndsAsync(TkaStack stack, HttpClient person)
    {
        (await person.LogoutAsync()).Expect(200);
        await Eventually.TrueAsync(
            async () => (await stack.Cluster.Admin.ListClusterRoleBindingAsync(labelSelector: $"{TkaLabels.ManagedBy}={TkaLabels.ManagedByValue}", cancellationToken: Cancel)).Items
                .All(binding => !binding.Metadata.Name.StartsWith(SessionNames.ForLogin(Alice), StringComparison.Ordinal)),
            "no binding is left");
    }
}
