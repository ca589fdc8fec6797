using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using TKA.Contracts.Rest;
using TKA.Orchestrator.Registry;
using TKA.Tests.Orchestrator;
using TKA.Web.Clusters;
using Xunit;
using static Microsoft.Playwright.Assertions;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Web;

/// <summary>What people see on the page of the orchestrator, in a real browser.</summary>
[Collection(Browser.Name)]
public sealed class ClustersPageTests(Browser browser)
{
    private static readonly Dictionary<string, string?> Patient = new() { ["tailscale:localApiTimeout"] = "00:00:30" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clusters_are_listed_filtered_and_linked()
    {
        await using var server = await StartAsync();
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
    public async Task An_address_that_is_no_web_address_becomes_no_link()
    {
        var html = await RenderAsync(OrchestratorServer.Entry() with { TkaEndpoint = "javascript:alert(1)", Description = "<b>bold</b>" });

        Assert.DoesNotContain("javascript:", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;bold&lt;/b&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_no_grant_sees_what_to_ask_for_and_programs_get_links()
    {
        await using var server = await StartAsync();
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
        Assert.Contains("<h1>Unknown peer</h1>", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static async Task<string> RenderAsync(ClusterEntry cluster)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(ClusterCard.Cluster)] = cluster, [nameof(ClusterCard.Now)] = TimeProvider.System.GetUtcNow() });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<ClusterCard>(parameters)).ToHtmlString());
    }

    internal static async Task<OrchestratorServer> StartAsync(string? policy = null)
    {
        var server = await OrchestratorServer.StartAsync(Cancel, settings: Patient, policy: policy);
        var registry = server.Services.GetRequiredService<ClusterRegistry>();
        ClusterEntry[] clusters =
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
        foreach (var cluster in clusters)
        {
            await registry.RegisterAsync(cluster, installationId: $"installation-of-{cluster.Name}", nodeId: cluster.Name, principal: "tag:tka", Cancel);
        }

        return server;
    }
}
