using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using TKA.Tests.Orchestrator;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace TKA.Tests.Web;

/// <summary>Every page, in each state that looks different, is readable for everybody (<see cref="PageLooks"/>).</summary>
[Collection(Browser.Name)]
public sealed class LooksTests(Browser browser, PageStack pages)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_of_a_cluster_are_readable_for_everybody()
    {
        var stack = await pages.GetAsync();
        await CheckAsync("web-signed-out", "127.0.0.1");
        await PageLooks.CheckAsync(browser, "web-signed-in", "127.0.0.1", stack.ApiUri, prepare: async page =>
        {
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in", Exact = true }).First.ClickAsync();
            await Expect(page.GetByText("You are signed in.")).ToBeVisibleAsync();
        });
        await SignInAsync("127.0.0.2", "view");
        await SignInAsync("127.0.0.1", "tka-edit");
        await CheckAsync("web-access", "127.0.0.1");
        using var admin = TestTailnet.ClientFrom("127.0.0.6", stack.ApiUri);
        admin.DefaultRequestHeaders.Add("Accept", "text/html");
        await Eventually.TrueAsync(async () => (await admin.GetStringAsync("/?user=bob@example.com", Cancel)).Contains("Has access", StringComparison.Ordinal), "the history has bob's session");
        await PageLooks.CheckAsync(
            browser, "web-admin", "127.0.0.6", stack.ApiUri, prepare: page => page.GetByLabel("End the session of bob@example.com with view").ClickAsync());
        await CheckAsync("web-no-grant", "127.0.0.3");
        await CheckAsync("web-not-found", "127.0.0.1", "/nothing");
        await CheckAsync("web-tagged", "127.0.0.4");

        // The operator refuses the role for the whole cluster.
        await SignInAsync("127.0.0.6", "tka-admin");
        await CheckAsync("web-refused", "127.0.0.6");

        // The operator is away: the session is not set up, and the history cannot be shown.
        await stack.StopOperatorAsync();
        try
        {
            using var dave = stack.From("127.0.0.6");
            (await dave.PostAsJsonAsync(ApiRoutes.Login, new LoginRequest { Role = "view" }, Cancel)).EnsureSuccessStatusCode();
            await PageLooks.CheckAsync(browser, "web-pending", "127.0.0.6", stack.ApiUri, prepare: page => Expect(page.GetByText("Being set up")).ToBeVisibleAsync());
        }
        finally
        {
            await stack.StartOperatorAsync(Cancel);
        }

        async Task SignInAsync(string person, string role)
        {
            using var api = stack.From(person);
            (await api.PostAsJsonAsync(ApiRoutes.Login, new LoginRequest { Role = role }, Cancel)).EnsureSuccessStatusCode();
            await Eventually.TrueAsync(async () => (await api.GetAsync(ApiRoutes.ForRole(ApiRoutes.Login, role), Cancel)).StatusCode == HttpStatusCode.OK);
        }

        Task CheckAsync(string name, string source, string path = "/") => PageLooks.CheckAsync(browser, name, source, stack.ApiUri, path);
    }

    [Fact]
    public async Task The_page_of_the_clusters_is_readable_for_everybody()
    {
        var server = await pages.GetOrchestratorAsync();
        await PageLooks.CheckAsync(browser, "web-clusters", OrchestratorServer.Alice, server.Uri);
        await PageLooks.CheckAsync(browser, "web-clusters-selector", OrchestratorServer.Alice, server.Uri, "/?label_selector=env+in");
        await PageLooks.CheckAsync(browser, "web-clusters-none", OrchestratorServer.Alice, server.Uri, "/?q=nothing");
        await using var empty = await OrchestratorServer.StartAsync(Cancel, policy: PageStack.Policy);
        await PageLooks.CheckAsync(
            browser, "web-clusters-empty", OrchestratorServer.Alice, empty.Uri, prepare: page => Expect(page.GetByText("Clusters appear here")).ToBeVisibleAsync());
    }
}
