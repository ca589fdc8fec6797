using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using TKA.Contracts.Rest;
using TKA.Orchestrator.Registry;
using TKA.Tests.Infrastructure;
using TKA.Tests.Orchestrator;
using TKA.Web.Clusters;
using Xunit;
using static Microsoft.Playwright.Assertions;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Web;

/// <summary>What people see on the page of the orchestrator, in a real browser.</summary>
[Collection(Browser.Name)]
public sealed class ClustersPageTests(Browser browser, PageStack pages)
{
    private static readonly Dictionary<string, string?> Patient = new() { ["tailscale:localApiTimeout"] = "00:00:30" };

    private static readonly ClusterEntry[] Clusters =
    [
        OrchestratorServer.Entry(),
        OrchestratorServer.Entry("prod-us") with
        {
            TkaEndpoint = "https://tka-prod-us.tail0dev.ts.net",
            Description = "Production, United States",
            Labels = new Dictionary<string, string> { ["env"] = "prod", ["region"] = "us" },
        },
        OrchestratorServer.Entry("dev") with
        {
            TkaEndpoint = "https://tka-dev.tail0dev.ts.net",
            Description = "For everybody to try things in",
            Labels = new Dictionary<string, string> { ["env"] = "dev", ["region"] = "eu", ["team"] = "platform" },
        },
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clusters_are_listed_filtered_and_linked()
    {
        var server = await pages.GetOrchestratorAsync();
        await using var alice = await browser.VisitAsync(OrchestratorServer.Alice, server.Uri);
        await alice.Page.GotoAsync("/");
        var cards = alice.Page.Locator(".card");
        await Expect(cards).ToHaveCountAsync(3);
        await Expect(cards.Nth(0)).ToContainTextAsync("dev");
        await Expect(cards.Nth(1)).ToContainTextAsync("Production, Europe");
        await Expect(cards.Nth(1)).ToContainTextAsync("env=prod");
        await Expect(cards.Nth(1)).ToContainTextAsync("tka login --cluster prod-eu");
        await Expect(alice.Page.GetByLabel("Open prod-eu")).ToHaveAttributeAsync("href", "https://tka-prod-eu.tail0dev.ts.net/");

        await alice.Page.GetByLabel("Labels").First.FillAsync("env in (prod)");
        await alice.Button("Filter").ClickAsync();
        await Expect(cards).ToHaveCountAsync(2);
        await alice.Page.GetByLabel("Name or description").FillAsync("europe");
        await alice.Button("Filter").ClickAsync();
        await Expect(cards).ToHaveCountAsync(1);
        Assert.Empty(alice.Complaints);

        await alice.Page.GetByLabel("Labels").First.FillAsync("env in");
        await alice.Button("Filter").ClickAsync();
        await Expect(alice.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Label selector cannot be read" })).ToBeVisibleAsync();
        await alice.Page.GetByText("Show all").ClickAsync();
        await Expect(cards).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task A_keyboard_or_a_browser_without_JavaScript_is_enough()
    {
        var server = await pages.GetOrchestratorAsync();
        await using var alice = await browser.VisitAsync(OrchestratorServer.Alice, server.Uri, new BrowserNewContextOptions { JavaScriptEnabled = false });
        var page = alice.Page;
        await page.GotoAsync("/");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByText("Skip to content")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByLabel("Name or description")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("united");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".card")).ToContainTextAsync(["prod-us"]);
        await Expect(page.Locator(".card")).ToContainTextAsync("Seen ");
        await Expect(alice.Button("Copy")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Marks_say_what_is_wrong_with_a_cluster_and_with_the_list()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(time);
        using var http = server.ClientFrom(OrchestratorServer.Alice);
        http.DefaultRequestHeaders.Add("Accept", "text/html");
        time.Advance(TimeSpan.FromSeconds(91));
        await RegisterAsync(server, Clusters[0] with { SignsIn = false, KubernetesVersion = "v1.36.0" });
        await RegisterAsync(server, Clusters[1] with { SignsIn = true });
        Assert.Equal(RegistrationOutcome.NameTaken, (await RegisterAsync(server, Clusters[1], "tka-intruder.tail0dev.ts.net")).Outcome);
        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return (await http.GetStringAsync("/", Cancel)).Contains("Not heard of lately", StringComparison.Ordinal);
            },
            "the cluster without heartbeats is stale");
        await server.Dapr.DownAsync();
        await RegisterAsync(server, Clusters[0] with { SignsIn = false, KubernetesVersion = "v1.36.0" });

        await PageLooks.CheckAsync(browser, "web-clusters-marked", OrchestratorServer.Alice, server.Uri, prepare: async page =>
        {
            await Expect(page.GetByText("This orchestrator has lost its state store.")).ToBeVisibleAsync();
            var cards = page.Locator(".card");
            await Expect(cards.Nth(0)).ToContainTextAsync("Not heard of lately");
            await Expect(cards.Nth(1)).ToContainTextAsync("Cannot sign people in now");
            await Expect(cards.Nth(1)).ToContainTextAsync("Kubernetes v1.36.0");
            await Expect(cards.Nth(2)).ToContainTextAsync("Name conflict");
            await Expect(cards.Nth(2)).ToContainTextAsync("tka-intruder.tail0dev.ts.net");
            await Expect(cards.Nth(2)).Not.ToContainTextAsync("Cannot sign people in now");
        });
    }

    [Fact]
    public async Task An_address_that_is_no_web_address_becomes_no_link()
    {
        var html = await RenderAsync(OrchestratorServer.Entry() with { TkaEndpoint = "javascript:alert(1)", Description = "<b>bold</b>" });

        Assert.DoesNotContain("javascript:", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;bold&lt;/b&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_no_grant_sees_what_to_ask_for_and_programs_get_links()
    {
        var server = await pages.GetOrchestratorAsync();
        await using var carol = await browser.VisitAsync(OrchestratorServer.Carol, server.Uri);
        var answer = await carol.Page.GotoAsync("/");
        Assert.Equal(403, answer!.Status);
        await Expect(carol.Page.GetByLabel("Grant to ask for")).ToContainTextAsync("carol@example.com");
        await Expect(carol.Page.Locator(".card")).ToHaveCountAsync(0);

        using var http = server.ClientFrom("127.0.0.77");
        var index = await http.GetFromJsonAsync<ServiceIndex>("/", Cancel);
        Assert.Equal(ApiRoutes.OrchestratorBase, index!.Api);
        using var stranger = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" } } };
        using var refused = await http.SendAsync(stranger, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.StartsWith("default-src 'none';", Assert.Single(refused.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Contains("<h1>Unknown peer</h1>", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static async Task<string> RenderAsync(ClusterEntry cluster)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(ClusterCard.Cluster)] = cluster, [nameof(ClusterCard.Now)] = TimeProvider.System.GetUtcNow() });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<ClusterCard>(parameters)).ToHtmlString());
    }

    internal static async Task<OrchestratorServer> StartAsync(TimeProvider? time = null)
    {
        var server = await OrchestratorServer.StartAsync(Cancel, time, settings: Patient, policy: PageStack.Policy);
        foreach (var cluster in Clusters)
        {
            await RegisterAsync(server, cluster);
        }

        return server;
    }

    private static Task<RegistrationResult> RegisterAsync(OrchestratorServer server, ClusterEntry cluster, string? installation = null) =>
        server.Services.GetRequiredService<ClusterRegistry>()
            .RegisterAsync(cluster, installation ?? $"installation-of-{cluster.Name}", nodeId: cluster.Name, principal: installation ?? "tag:tka", Cancel);
}
