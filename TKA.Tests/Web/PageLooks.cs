using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using TKA.Tests.Api.Documentation;
using Xunit;

namespace TKA.Tests.Web;

/// <summary>
/// How a page looks and reads: in light, in dark and on a phone, axe finds nothing and nothing is wider than the screen. With
/// <c>TKA_UPDATE_IMAGES=1</c> the pictures in docs/images are taken anew (with Debian's fonts-inter, for the typeface of the pictures
/// that are there).
/// </summary>
internal static class PageLooks
{
    private static readonly string[] Pictures = ["web-access-light", "web-access-dark", "web-access-phone", "web-admin-light", "web-no-grant-light", "web-clusters-light", "web-clusters-dark", "web-clusters-phone"];

    private static readonly ViewportSize Desk = new() { Width = 1000, Height = 700 };
    private static readonly ViewportSize Phone = new() { Width = 390, Height = 844 };

    /// <summary>
    /// All rules. axe leaves the one that WCAG 2.2 added to level AA (2.5.8) off unless it is asked for. It describes every element of
    /// the rules that pass, too, unless told that only violations matter.
    /// </summary>
    private static readonly AxeRunOptions AllRules = new()
    {
        Rules = new Dictionary<string, RuleOptions> { ["target-size"] = new() { Enabled = true } },
        ResultTypes = new HashSet<ResultType> { ResultType.Violations },
    };

    /// <summary>The rules whose result can differ in dark: the scheme changes colours only, in the document that all rules have seen in light.</summary>
    private static readonly AxeRunOptions ColourRules = new()
    {
        RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast", "link-in-text-block"] },
        ResultTypes = new HashSet<ResultType> { ResultType.Violations },
    };

    /// <summary>Looks at a page.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="name">Name of the page in messages and of its pictures.</param>
    /// <param name="source">Loopback address of the device.</param>
    /// <param name="server">The server.</param>
    /// <param name="path">Path of the page.</param>
    /// <param name="prepare">What to do with the page before axe looks; the first picture is taken before.</param>
    public static async Task CheckAsync(Browser browser, string name, string source, Uri server, string path = "/", Func<IPage, Task>? prepare = null)
    {
        await using var visit = await browser.VisitAsync(source, server, new BrowserNewContextOptions { ColorScheme = ColorScheme.Light, ViewportSize = Desk });
        var page = visit.Page;
        await page.GotoAsync(path);
        await PictureAsync(page, $"{name}-light");
        await (prepare?.Invoke(page) ?? Task.CompletedTask);
        foreach (var (kind, scheme, size) in ((string, ColorScheme, ViewportSize)[])
            [("light", ColorScheme.Light, Desk), ("dark", ColorScheme.Dark, Desk), ("phone", ColorScheme.Light, Phone)])
        {
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            await page.SetViewportSizeAsync(size.Width, size.Height);
            if (kind != "light")
            {
                await PictureAsync(page, $"{name}-{kind}");
            }

            var isDark = scheme == ColorScheme.Dark;
            var result = await page.RunAxe(isDark ? ColourRules : AllRules);
            Assert.True(result.Violations.Length == 0, $"{name} {kind}: {string.Join('\n', result.Violations.Select(Describe))}");
            Assert.Contains(result.Passes, rule => rule.Id == (isDark ? "color-contrast" : "target-size"));
            var width = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
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
