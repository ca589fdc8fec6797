using System.Net;
using System.Net.Http.Json;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using TKA.Contracts.Rest;
using TKA.Tests.Api.Documentation;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Web;

/// <summary>
/// How the pages look and read: axe finds nothing serious, nothing is wider than a phone. With <c>TKA_UPDATE_IMAGES=1</c> the pictures
/// in docs/images are taken anew (with Debian's fonts-inter, for the typeface of the pictures that are there).
/// </summary>
[Collection(Browser.Name)]
public sealed class LooksTests(Browser browser)
{
    private const string Policy = """
        {
          "tagOwners": {"tag:tka": []},
          "grants": [
            {"src": ["alice@example.com"], "dst": ["tag:tka"], "app": {"specht-labs.de/cap/tka": [
              {"role": "view", "period": "8h", "priority": 100},
              {"role": "tka-edit", "period": "1h", "priority": 10, "namespaces": ["shop", "shop-staging"]}
            ]}},
            {"src": ["bob@example.com"], "dst": ["tag:tka"], "app": {"specht-labs.de/cap/tka": [{"role": "view", "period": "8h", "namespaces": ["team-a"]}]}},
            {"src": ["dave@example.com"], "dst": ["tag:tka"], "app": {"specht-labs.de/cap/tka": [{"role": "view", "period": "8h", "priority": 100, "admin": true}, {"role": "tka-admin", "period": "1h", "priority": 10}]}}
          ],
          "devices": {
            "127.0.0.1": {"name": "laptop-alice", "user": "alice@example.com", "displayName": "Alice Müller"},
            "127.0.0.2": {"name": "laptop-bob", "user": "bob@example.com", "displayName": "Bob Okafor"},
            "127.0.0.3": {"name": "laptop-carol", "user": "carol@example.com", "displayName": "Carol Diaz"},
            "127.0.0.6": {"name": "laptop-dave", "user": "dave@example.com", "displayName": "Dave Lindqvist"}
          }
        }
        """;

    private static readonly string[] Pictures = ["web-access-light", "web-access-dark", "web-access-phone", "web-admin-light", "web-no-grant-light", "web-clusters-light", "web-clusters-dark", "web-clusters-phone"];

    private static readonly ViewportSize Desk = new() { Width = 1000, Height = 700 };
    private static readonly ViewportSize Phone = new() { Width = 390, Height = 844 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_of_a_cluster_are_readable_for_everybody()
    {
        await using var stack = await PageStack.StartAsync(new TkaStackOptions
        {
            Policy = Policy,
            ApiSettings = new Dictionary<string, string?> { ["operator:clusterName"] = "prod-eu" },
        });
        await stack.CreateNamespacesAsync("shop", "shop-staging", "team-a");
        await CheckAsync("web-signed-out", "127.0.0.1", stack.ApiUri, null);
        foreach (var person in (string[])["127.0.0.1", "127.0.0.2"])
        {
            using var api = stack.From(person);
            (await api.PostAsync(ApiRoutes.Login, null, Cancel)).EnsureSuccessStatusCode();
            await Eventually.TrueAsync(async () => (await api.GetAsync(ApiRoutes.Login, Cancel)).StatusCode == HttpStatusCode.OK);
        }

        using var alice = stack.From("127.0.0.1");
        (await alice.PostAsJsonAsync(ApiRoutes.Login, new LoginRequest { Role = "tka-edit" }, Cancel)).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(async () => (await alice.GetAsync(ApiRoutes.ForRole(ApiRoutes.Login, "tka-edit"), Cancel)).StatusCode == HttpStatusCode.OK);

        await CheckAsync("web-access", "127.0.0.1", stack.ApiUri, null);
        await CheckAsync("web-admin", "127.0.0.6", stack.ApiUri, page => page.GetByLabel("End the session of bob@example.com with view").ClickAsync());
        await CheckAsync("web-no-grant", "127.0.0.3", stack.ApiUri, null);
        await CheckAsync("web-not-found", "127.0.0.1", stack.ApiUri, null, "/nothing");
    }

    [Fact]
    public async Task The_page_of_the_clusters_is_readable_for_everybody()
    {
        await using var server = await ClustersPageTests.StartAsync(Policy);
        await CheckAsync("web-clusters", "127.0.0.1", server.Uri, null);
    }

    /// <summary>Looks at a page in light, in dark and on a phone.</summary>
    private async Task CheckAsync(string name, string source, Uri server, Func<IPage, Task>? prepare, string path = "/")
    {
        foreach (var (kind, scheme, size) in ((string, ColorScheme, ViewportSize)[])
            [("light", ColorScheme.Light, Desk), ("dark", ColorScheme.Dark, Desk), ("phone", ColorScheme.Light, Phone)])
        {
            await using var visit = await browser.VisitAsync(source, server, new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = size });
            await visit.Page.GotoAsync(path);
            await PictureAsync(visit.Page, $"{name}-{kind}");
            await (prepare?.Invoke(visit.Page) ?? Task.CompletedTask);
            var result = await visit.Page.RunAxe();
            Assert.True(result.Violations.Length == 0, $"{name} {kind}: {string.Join('\n', result.Violations.Select(Describe))}");
            var width = await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            Assert.True(width <= size.Width, $"{name} {kind} is {width} pixels wide");
        }
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        if (Pictures.Contains(name) && Environment.GetEnvironmentVariable("TKA_UPDATE_IMAGES") == "1")
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(DocumentationFiles.Root, "docs", "images", $"{name}.png"), FullPage = true });
        }
    }

    private static string Describe(AxeResultItem item) =>
        $"{item.Id} ({item.Impact}): {item.Help}: {string.Join(" | ", item.Nodes.Select(node => node.Html))}";
}
