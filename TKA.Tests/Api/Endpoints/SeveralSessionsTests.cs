using System.Text.Json.Nodes;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using TKA.Api.Grants;
using TKA.Api.Sessions;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>Sessions of one person beside each other: the contract's part "Sessions".</summary>
public class SeveralSessionsTests
{
    private const string Alice = "alice@example.com";
    private const string Laptop = "127.0.0.1";
    private const string Phone = "127.0.0.2";
    private const string ViewWins = """[{"role":"view","period":"8h","priority":10},{"role":"tka-edit","period":"1h","namespaces":["default"]}]""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_session_has_its_own_status_token_and_end()
    {
        await using var stack = await StartAsync(Policy(ViewWins));
        var alice = stack.From(Laptop);
        Assert.Empty((await AllAsync(alice)).Items);

        // No base is needed for another.
        var edit = (await alice.LoginAsync("""{"role":"tka-edit"}""")).Expect(202).Session;
        Assert.False(edit.IsBase);
        (await alice.GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
        Assert.Equal("not-signed-in", (await alice.GetAsync(ApiRoutes.Token, wait: null)).Expect(401).Kind);
        var view = await alice.SignInAsync();
        Assert.True(view.IsBase);

        (await alice.GetAsync(ApiRoutes.ForRole(ApiRoutes.Login, "tka-edit"), wait: 20)).Expect(200);
        (await alice.GetAsync(ApiRoutes.ForRole(ApiRoutes.Login, "view"), wait: 20)).Expect(200);
        (await alice.GetAsync(ApiRoutes.ForRole(ApiRoutes.Login, "admin"), wait: null)).Expect(401);
        var all = await AllAsync(alice);
        Assert.Equal([("view", true, "ready"), ("tka-edit", false, "ready")], all.Items.Select(item => (item.Role, item.IsBase == true, item.Status)));
        Assert.NotEqual(await SubjectAsync(alice, null), await SubjectAsync(alice, "tka-edit"));
        Assert.Equal(await SubjectAsync(alice, null), await SubjectAsync(alice, "view"));
        (await alice.GetAsync($"{ApiRoutes.Login}?role=tka-edit&all=true", wait: null)).Expect(400);

        // Ending one leaves the other.
        Assert.Equal("tka-edit", (await alice.CallAsync(HttpMethod.Post, ApiRoutes.ForRole(ApiRoutes.Logout, "tka-edit"))).Expect(200).Session.Role);
        (await alice.CallAsync(HttpMethod.Post, ApiRoutes.ForRole(ApiRoutes.Logout, "tka-edit"))).Expect(404);
        (await alice.GetAsync(ApiRoutes.Login, wait: null)).Expect(200);
        await alice.LoginAsync("""{"role":"tka-edit"}""");
        (await alice.LogoutAsync()).Expect(200);
        (await alice.GetAsync(ApiRoutes.ForRole(ApiRoutes.Login, "tka-edit"), wait: 20)).Expect(200);

        await alice.SignInAsync();
        var ended = (await alice.CallAsync(HttpMethod.Post, ApiRoutes.ForAll(ApiRoutes.Logout))).Expect(200).Read(ContractsJsonContext.Default.OwnSessionList);
        Assert.Equal(["view", "tka-edit"], ended.Items.Select(item => item.Role));
        Assert.Empty((await AllAsync(alice)).Items);
        (await alice.CallAsync(HttpMethod.Post, ApiRoutes.ForAll(ApiRoutes.Logout))).Expect(404);
    }

    [Fact]
    public async Task The_base_session_takes_over_a_role_that_lives_beside_it()
    {
        await using var stack = await StartAsync(Policy(ViewWins));
        var alice = stack.From(Laptop);
        await alice.SignInAsync();
        await alice.LoginAsync("""{"role":"tka-edit"}""");
        (await alice.GetAsync(ApiRoutes.ForRole(ApiRoutes.Login, "tka-edit"), wait: 20)).Expect(200);

        await stack.Tailnet.SetPolicyAsync(Policy("""[{"role":"view","period":"8h"},{"role":"tka-edit","period":"1h","namespaces":["default"],"priority":99}]"""), Cancel);

        // A session of its role is still the base; the role that wins is the base too.
        Assert.True((await alice.LoginAsync("""{"role":"view"}""")).Expect(202).Session.IsBase);
        Assert.Equal(2, (await AllAsync(alice)).Items.Count);
        var followed = await alice.SignInAsync();
        Assert.Equal(("tka-edit", true), (followed.Role, followed.IsBase == true));
        Assert.Single((await AllAsync(alice)).Items);

        // Now view is beside.
        Assert.False((await alice.LoginAsync("""{"role":"view"}""")).Expect(202).Session.IsBase);
    }

    [Fact]
    public async Task The_ninth_session_is_refused_with_advice()
    {
        var rules = new JsonArray([.. Enumerable.Range(0, 10).Select(i => (JsonNode)new JsonObject { ["role"] = $"role-{i}", ["period"] = "1h", ["priority"] = i == 0 ? 1 : 0 })]);
        await using var stack = await StartAsync(Policy(rules.ToJsonString()));
        var alice = stack.From(Laptop);
        for (var i = 0; i < ApiRoutes.MaxSessionsPerPerson; i++)
        {
            (await alice.LoginAsync($$"""{"role":"role-{{i}}"}""")).Expect(202);
        }

        var refused = (await alice.LoginAsync("""{"role":"role-8"}""")).Expect(409);
        Assert.Equal("too-many-sessions", refused.Kind);
        Assert.Contains(refused.Problem.Advice, advice => advice.Contains("tka logout --role role-7", StringComparison.Ordinal));

        // Renewing is no further session, and ending one makes place.
        (await alice.LoginAsync("""{"role":"role-3"}""")).Expect(202);
        (await alice.CallAsync(HttpMethod.Post, ApiRoutes.ForRole(ApiRoutes.Logout, "role-3"))).Expect(200);
        (await alice.LoginAsync("""{"role":"role-8"}""")).Expect(202);
    }

    [Fact]
    public async Task A_session_follows_the_grant_of_its_own_device_and_another_changes_nothing()
    {
        await using var stack = await StartAsync(new TestTailnetPolicy().Person(Laptop, Alice).Person(Phone, Alice, name: "phone")
            .Grant("100.64.0.2", ViewWins).Grant("100.64.0.3", """[{"role":"view","period":"8h"}]""").ToString());
        var (laptop, phone) = (stack.From(Laptop), stack.From(Phone));
        await laptop.SignInAsync();
        await laptop.LoginAsync("""{"role":"tka-edit"}""");
        (await laptop.GetAsync(ApiRoutes.ForRole(ApiRoutes.Token, "tka-edit"), wait: 20)).Expect(200);

        Assert.Equal("role-not-granted", (await phone.LoginAsync("""{"role":"tka-edit"}""")).Expect(403).Kind);
        Assert.Equal("device-not-granted", (await phone.GetAsync(ApiRoutes.ForRole(ApiRoutes.Token, "tka-edit"), wait: 20)).Expect(403).Kind);
        Assert.Equal("device-not-granted", (await phone.GetAsync(ApiRoutes.ForRole(ApiRoutes.Kubeconfig, "tka-edit"), wait: null)).Expect(403).Kind);
        (await phone.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);

        await stack.Api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);
        (await laptop.GetAsync(ApiRoutes.ForRole(ApiRoutes.Token, "tka-edit"), wait: 20)).Expect(200);
        Assert.Equal(2, (await AllAsync(laptop)).Items.Count);
    }

    [Fact]
    public async Task A_withdrawn_role_ends_its_session_alone()
    {
        await using var stack = await StartAsync(Policy(ViewWins));
        var alice = stack.From(Laptop);
        await alice.SignInAsync();
        await alice.LoginAsync("""{"role":"tka-edit"}""");

        await stack.Tailnet.SetPolicyAsync(Policy("""[{"role":"view","period":"8h"}]"""), Cancel);
        await stack.Api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);

        Assert.Equal("view", Assert.Single((await AllAsync(alice)).Items).Role);
        (await alice.GetAsync(ApiRoutes.ForRole(ApiRoutes.Login, "tka-edit"), wait: null)).Expect(401);
        (await alice.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);
    }

    [Fact]
    public async Task A_shortened_role_shortens_its_session_alone()
    {
        await using var stack = await StartAsync(Policy(ViewWins));
        var alice = stack.From(Laptop);
        var view = await alice.SignInAsync();
        var edit = (await alice.LoginAsync("""{"role":"tka-edit"}""")).Expect(202).Session;

        await stack.Tailnet.SetPolicyAsync(Policy(ViewWins.Replace("1h", "20m", StringComparison.Ordinal)), Cancel);
        await stack.Api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);

        var shorter = (await alice.GetAsync(ApiRoutes.ForRole(ApiRoutes.Login, "tka-edit"), wait: 20)).Expect(200).Session;
        Assert.Equal(edit.Until.AddMinutes(-40), shorter.Until);
        Assert.Equal(view.Until, (await alice.GetAsync(ApiRoutes.Login, wait: 20)).Expect(200).Session.Until);
    }

    [Fact]
    public async Task Another_installations_sessions_are_neither_rechecked_nor_ended()
    {
        await using var stack = await StartAsync(Policy(ViewWins), ("api:installationId", "ours"));
        var alice = stack.From(Laptop);
        await alice.SignInAsync();
        var name = SessionNames.ForLogin(Alice);
        await PatchAsync(stack, name, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [TkaAnnotations.Installation] = "theirs" } } });
        await Eventually.TrueAsync(
            () => Sessions(stack).FindByName(name)!.Metadata.Annotations[TkaAnnotations.Installation] == "theirs", "the API knows");
        await stack.Tailnet.SetPolicyAsync(Policy("""[{"role":"tka-edit","period":"8h","namespaces":["default"]}]"""), Cancel);

        await stack.Api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);

        (await alice.GetAsync(ApiRoutes.Login, wait: 20)).Expect(200);
        Assert.Equal("device-not-granted", (await alice.GetAsync(ApiRoutes.Token, wait: 20)).Expect(403).Kind);
        (await alice.GetAsync(ApiRoutes.Login, wait: 20)).Expect(200);
        Assert.Contains(stack.ApiLogs.Lines, line => line.Message.Contains("1 sessions in this namespace were started by another installation", StringComparison.Ordinal));

        // A login here makes it ours.
        Assert.Equal("tka-edit", (await alice.SignInAsync()).Role);
        await stack.Tailnet.SetPolicyAsync(Policy("""[{"role":"view","period":"8h"}]"""), Cancel);
        await stack.Api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);
        (await alice.GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
    }

    [Fact]
    public async Task A_session_of_an_earlier_version_lives_on_and_is_renewed()
    {
        await using var stack = await StartAsync(Policy(ViewWins), ("api:installationId", "ours"));
        var alice = stack.From(Laptop);
        var before = await alice.SignInAsync();
        var name = SessionNames.ForLogin(Alice);
        await PatchAsync(stack, name, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject { [TkaLabels.SessionOf] = null },
                ["annotations"] = new JsonObject { [TkaAnnotations.Installation] = null },
            },
        });
        await Eventually.TrueAsync(() => !Sessions(stack).FindByName(name)!.Metadata.Annotations.ContainsKey(TkaAnnotations.Installation), "the API knows");

        Assert.Equal(before.Until, Assert.Single((await AllAsync(alice)).Items).Until);
        (await alice.LoginAsync("""{"role":"tka-edit"}""")).Expect(202);
        await alice.SignInAsync();

        Assert.Equal(2, (await AllAsync(alice)).Items.Count);
        Assert.Equal(SessionNames.UserSlug(Alice), Sessions(stack).FindByName(name)!.Metadata.Labels[TkaLabels.SessionOf]);
    }

    private static Task<TkaStack> StartAsync(string policy, params (string Key, string Value)[] settings) => TkaStack.StartAsync(Cancel, new TkaStackOptions
    {
        Policy = policy,
        ApiSettings = new Dictionary<string, string?>(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))) { ["api:grantRecheck"] = "1h" },
    });

    private static string Policy(string rules) => new TestTailnetPolicy().Person(Laptop, Alice, rules).ToString();

    private static async Task<OwnSessionList> AllAsync(HttpClient client) =>
        (await client.GetAsync(ApiRoutes.ForAll(ApiRoutes.Login), wait: null)).Expect(200).Read(ContractsJsonContext.Default.OwnSessionList);

    /// <summary>Name of the ServiceAccount inside the token of a session.</summary>
    private static async Task<string> SubjectAsync(HttpClient client, string? role)
    {
        var token = (await client.GetAsync(ApiRoutes.ForRole(ApiRoutes.Token, role), wait: 20)).Expect(200).Read(ContractsJsonContext.Default.ExecCredential).Status!.Token;
        return JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))!["sub"]!.ToString();
    }

    private static SessionRepository Sessions(TkaStack stack) => stack.Api.Services.GetRequiredService<SessionRepository>();

    private static Task<JsonObject> PatchAsync(TkaStack stack, string name, JsonObject patch) => stack.Cluster.Admin.CustomObjects.PatchNamespacedCustomObjectAsync<JsonObject>(
        new k8s.Models.V1Patch(patch.ToJsonString(), k8s.Models.V1Patch.PatchType.MergePatch),
        "tka.specht-labs.de", "v1alpha1", stack.Installed.SessionsNamespace, "tkasignins", name, cancellationToken: Cancel);
}
