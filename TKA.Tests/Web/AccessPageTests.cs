using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace TKA.Tests.Web;

/// <summary>What people see and do on the page of a cluster, in a real browser.</summary>
[Collection(Browser.Name)]
public sealed class AccessPageTests(Browser browser, PageStack pages)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everyone_sees_who_they_are_and_what_they_may_have()
    {
        var stack = await pages.GetAsync();

        await using (var alice = await browser.VisitAsync("127.0.0.1", stack.ApiUri))
        {
            await alice.Page.GotoAsync("/");
            await Expect(alice.Page.Locator("main")).ToContainTextAsync("alice@example.com on the device laptop-alice");
            var rules = alice.Section("What you may have").GetByRole(AriaRole.Listitem);
            await Expect(rules).ToContainTextAsync(["Wins", "tka-edit"]);
            await Expect(rules.Nth(0)).ToContainTextAsync("its priority 100 is the highest");
            await Expect(rules.Nth(1)).ToContainTextAsync("priority 10 is below 100");
            await Expect(alice.Section("Everyone's sessions")).ToHaveCountAsync(0);
            Assert.Empty(alice.Complaints);
        }

        await using (var bob = await browser.VisitAsync("127.0.0.2", stack.ApiUri))
        {
            await bob.Page.GotoAsync("/");
            await Expect(bob.Section("What you may have")).ToContainTextAsync("Namespace team-a");
        }

        await using (var carol = await browser.VisitAsync("127.0.0.3", stack.ApiUri))
        {
            var answer = await carol.Page.GotoAsync("/");
            Assert.Equal(403, answer!.Status);
            await Expect(carol.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Level = 1 })).ToHaveTextAsync("No access yet");
            await Expect(carol.Page.GetByLabel("Grant to ask for")).ToContainTextAsync("\"src\": [\"carol@example.com\"]");
            await Expect(carol.Page.GetByLabel("Grant to ask for")).ToContainTextAsync(TestTailnetPolicy.Capability);
            await Expect(carol.Page.Locator("form")).ToHaveCountAsync(0);
        }

        await using (var dave = await browser.VisitAsync("127.0.0.6", stack.ApiUri))
        {
            await dave.Page.GotoAsync("/");
            await Expect(dave.Section("Everyone's sessions")).ToContainTextAsync("Nobody is signed in.");
        }
    }

    [Fact]
    public async Task Signing_in_renewing_and_signing_out()
    {
        var stack = await pages.GetAsync();
        await using var alice = await browser.VisitAsync("127.0.0.1", stack.ApiUri);
        using var api = stack.From("127.0.0.1");
        await alice.Page.GotoAsync("/");
        await Expect(alice.Section("Signed in")).ToContainTextAsync("You are not signed in.");

        await alice.Page.GetByLabel("How long to sign in with view").SelectOptionAsync("For 30 min");
        await alice.Button("Sign in").First.ClickAsync();
        await Expect(alice.Page.GetByText("You are signed in.")).ToBeVisibleAsync();
        Assert.Equal(Browser.Origin + "/", alice.Page.Url);
        var card = alice.Section("Signed in").GetByRole(AriaRole.Listitem);
        await Expect(card.GetByRole(AriaRole.Heading)).ToHaveTextAsync("view");
        await Expect(card).ToContainTextAsync("Ready");
        await Expect(card).ToContainTextAsync("29 min left");
        var session = await api.GetFromJsonAsync<SessionResponse>(ApiRoutes.Login, Cancel);
        Assert.Equal("view", session!.Role);

        await alice.Button("Renew").ClickAsync();
        await Expect(card).ToContainTextAsync("7 h 59 min left");

        await alice.Button("Sign out").ClickAsync();
        await Expect(alice.Page.GetByText("You are signed out.")).ToBeVisibleAsync();
        using var after = await api.GetAsync(ApiRoutes.Login, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        Assert.Empty(alice.Complaints);
    }

    [Fact]
    public async Task Sessions_of_several_roles_live_beside_each_other()
    {
        var stack = await pages.GetAsync();
        await using var alice = await browser.VisitAsync("127.0.0.1", stack.ApiUri);
        var page = alice.Page;
        var cards = alice.Section("Signed in").GetByRole(AriaRole.Listitem);
        await page.GotoAsync("/");
        await alice.Button("Sign in").Last.ClickAsync();
        await Expect(cards).ToHaveCountAsync(1);
        await alice.Button("Sign in").ClickAsync();
        await Expect(cards).ToContainTextAsync(["view", "tka-edit"]);
        await Expect(cards.Nth(0)).ToContainTextAsync("Default");
        await Expect(alice.Button("Sign in")).ToHaveCountAsync(0);
        var download = await page.RunAndWaitForDownloadAsync(() => cards.Nth(1).GetByText("Download kubeconfig").ClickAsync());
        Assert.Equal("tka-prod-eu-tka-edit.yaml", download.SuggestedFilename);

        await cards.Nth(1).GetByText("Sign out").ClickAsync();
        await Expect(cards).ToHaveCountAsync(1);
        await Expect(cards).ToContainTextAsync("view");
        await alice.Button("Sign in").ClickAsync();
        await alice.Button("Sign out of all 2").ClickAsync();
        await Expect(alice.Section("Signed in")).ToContainTextAsync("You are not signed in.");
    }

    [Fact]
    public async Task All_of_it_works_without_JavaScript()
    {
        var stack = await pages.GetAsync();
        await using var dave = await browser.VisitAsync("127.0.0.6", stack.ApiUri, new BrowserNewContextOptions { JavaScriptEnabled = false });
        await dave.Page.GotoAsync("/");
        await dave.Button("Sign in").First.ClickAsync();
        await Expect(dave.Section("Signed in")).ToContainTextAsync("Ready");
        await Expect(dave.Section("Signed in")).ToContainTextAsync("UTC");
        await Expect(dave.Button("Copy")).ToHaveCountAsync(0);
        await dave.Button("Renew").ClickAsync();
        var download = await dave.Page.RunAndWaitForDownloadAsync(() => dave.Page.GetByText("Download kubeconfig").ClickAsync());
        Assert.Equal("tka-prod-eu.yaml", download.SuggestedFilename);
        await dave.Button("Sign out").ClickAsync();
        await Expect(dave.Section("Signed in")).ToContainTextAsync("You are not signed in.");
        await dave.Button("Sign in").First.ClickAsync();
        await dave.Page.GetByLabel("End the session of dave@example.com with view").ClickAsync();
        await dave.Button("End session").ClickAsync();
        await Expect(dave.Section("Signed in")).ToContainTextAsync("You are not signed in.");
    }

    [Fact]
    public async Task An_admin_finds_and_ends_the_session_of_another()
    {
        var stack = await pages.GetAsync();
        foreach (var person in (string[])["127.0.0.1", "127.0.0.2"])
        {
            using var api = stack.From(person);
            (await api.PostAsync(ApiRoutes.Login, null, Cancel)).EnsureSuccessStatusCode();
        }

        await using var dave = await browser.VisitAsync("127.0.0.6", stack.ApiUri);
        await dave.Page.GotoAsync("/");
        var sessions = dave.Section("Everyone's sessions").GetByRole(AriaRole.Listitem);
        await Expect(sessions).ToHaveCountAsync(2);
        await dave.Page.GetByLabel("Person").FillAsync("alice@example.com");
        await dave.Button("Filter").ClickAsync();
        await Expect(sessions).ToHaveCountAsync(1);
        await dave.Page.GetByLabel("End the session of alice@example.com with view").ClickAsync();
        await dave.Button("End session").ClickAsync();
        await Expect(dave.Page.GetByText("The session was ended.")).ToBeVisibleAsync();
        await Expect(sessions).ToHaveTextAsync([new System.Text.RegularExpressions.Regex("bob@example.com")]);

        using var alice = stack.From("127.0.0.1");
        using var after = await alice.GetAsync(ApiRoutes.Login, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task The_downloaded_kubeconfig_holds_no_token_and_asks_tka()
    {
        var stack = await pages.GetAsync();
        await using var alice = await browser.VisitAsync("127.0.0.1", stack.ApiUri);
        await alice.Page.GotoAsync("/");
        await alice.Button("Sign in").First.ClickAsync();
        var download = await alice.Page.RunAndWaitForDownloadAsync(() => alice.Page.GetByText("Download kubeconfig").ClickAsync());
        Assert.Equal("tka-prod-eu.yaml", download.SuggestedFilename);
        using var reader = new StreamReader(await download.CreateReadStreamAsync());
        var file = await reader.ReadToEndAsync(Cancel);
        Assert.DoesNotContain("token:", file, StringComparison.Ordinal);
        Assert.Contains("command: \"tka\"", file, StringComparison.Ordinal);
        Assert.Contains($"- \"{Browser.Origin}\"", file, StringComparison.Ordinal);
        var parsed = k8s.KubernetesYaml.Deserialize<k8s.KubeConfigModels.K8SConfiguration>(file);
        Assert.Equal("tka-prod-eu", parsed.CurrentContext);
        Assert.Equal("Never", new YamlDotNet.Serialization.Deserializer().Deserialize<Dictionary<string, object>>(file)["users"] is List<object> users
            ? ((Dictionary<object, object>)((Dictionary<object, object>)((Dictionary<object, object>)users[0])["user"])["exec"])["interactiveMode"]
            : null);
    }

    [Fact]
    public async Task The_page_follows_what_happens_elsewhere_and_counts_down()
    {
        var stack = await pages.GetAsync();
        using var api = stack.From("127.0.0.1");
        await using var alice = await browser.VisitAsync("127.0.0.1", stack.ApiUri);
        await alice.Page.Clock.InstallAsync();
        await alice.Page.GotoAsync("/");
        (await api.PostAsJsonAsync(ApiRoutes.Login, new LoginRequest { Period = "30m" }, Cancel)).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(async () => (await api.GetAsync(ApiRoutes.Login, Cancel)).StatusCode == HttpStatusCode.OK);

        await alice.Page.Clock.FastForwardAsync("00:31");
        var left = alice.Section("Signed in").Locator("time[data-left]");
        await Expect(left).ToHaveTextAsync("29 min left");
        await Expect(alice.Page.Locator("#live")).ToHaveTextAsync("view: Ready.");

        await stack.StopApiAsync();
        try
        {
            await alice.Page.Clock.FastForwardAsync("20:00");
            await Expect(left).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^9 min [0-9]+ s left$"));
        }
        finally
        {
            await stack.StartApiAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_keyboard_is_enough()
    {
        var stack = await pages.GetAsync();
        await using var alice = await browser.VisitAsync("127.0.0.1", stack.ApiUri);
        var page = alice.Page;
        await page.GotoAsync("/");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByText("Skip to content")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByLabel("How long to sign in with view")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(alice.Button("Sign in").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(alice.Section("Signed in")).ToContainTextAsync("Ready");
    }
}
