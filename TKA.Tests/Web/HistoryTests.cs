using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using TKA.Contracts.Operator;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using TKA.Web.Access;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace TKA.Tests.Web;

/// <summary>What admins see of sessions that are over, from the operator's ledger.</summary>
[Collection(Browser.Name)]
public sealed class HistoryTests(Browser browser, PageStack pages)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_admin_sees_who_had_access_before_finds_it_by_person_and_day_and_needs_no_JavaScript()
    {
        var stack = await pages.GetAsync();
        using (var bob = stack.From("127.0.0.2"))
        {
            (await bob.PostAsJsonAsync(ApiRoutes.Login, new LoginRequest { Period = "30m" }, Cancel)).EnsureSuccessStatusCode();
            await Eventually.TrueAsync(async () => (await bob.GetAsync(ApiRoutes.Login, Cancel)).StatusCode == HttpStatusCode.OK, "bob is signed in");
            (await bob.PostAsync(ApiRoutes.Logout, null, Cancel)).EnsureSuccessStatusCode();
        }

        await using var dave = await browser.VisitAsync("127.0.0.6", stack.ApiUri, new BrowserNewContextOptions { JavaScriptEnabled = false });
        var history = dave.Section("History");
        var newest = history.GetByRole(AriaRole.Listitem).First;

        // The ledger is written behind.
        await Eventually.TrueAsync(
            async () =>
            {
                await dave.Page.GotoAsync("/?user=BOB@example.com");
                return await history.GetByRole(AriaRole.Listitem).CountAsync() > 0 && await newest.GetByText("Ended").CountAsync() > 0;
            },
            "bob's session is in the history");
        await Expect(newest).ToContainTextAsync("bob@example.com");
        await Expect(newest).ToContainTextAsync("Namespace team-a");
        await Expect(newest).ToContainTextAsync("On laptop-bob");
        await Expect(history).Not.ToContainTextAsync("alice@example.com");

        var today = TimeProvider.System.GetUtcNow().UtcDateTime;
        await ShowAsync(today.AddDays(-1), today.AddDays(1));
        await Expect(newest).ToContainTextAsync("bob@example.com");
        await Expect(dave.Page.GetByLabel("Person")).ToHaveValueAsync("BOB@example.com");
        await dave.Button("Filter").ClickAsync();
        await Expect(history.GetByLabel("From")).ToHaveValueAsync(today.AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await ShowAsync(today.AddDays(-30), today.AddDays(-20));
        await Expect(history).ToContainTextAsync("Nobody had access in those days.");
        await ShowAsync(today, today.AddDays(-20));
        await Expect(history).ToContainTextAsync("from is after to.");
        await history.GetByText("Last 24 hours").ClickAsync();
        await Expect(newest).ToContainTextAsync("bob@example.com");

        async Task ShowAsync(DateTime from, DateTime to)
        {
            await history.GetByLabel("From").FillAsync(from.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            await history.GetByLabel("To").FillAsync(to.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            await dave.Button("Show").ClickAsync();
        }
    }

    [Fact]
    public async Task While_the_operator_is_away_the_rest_of_the_page_is_shown()
    {
        var stack = await pages.GetAsync();
        using var alice = stack.From("127.0.0.1");
        (await alice.PostAsync(ApiRoutes.Login, null, Cancel)).EnsureSuccessStatusCode();
        stack.OperatorProxy.Refuse();
        try
        {
            await using var dave = await browser.VisitAsync("127.0.0.6", stack.ApiUri);
            await dave.Page.GotoAsync("/");
            await Expect(dave.Section("History")).ToContainTextAsync("The operator does not answer, so the history cannot be shown now.");
            await Expect(dave.Section("Everyone's sessions").GetByRole(AriaRole.Listitem)).ToContainTextAsync("alice@example.com");
            Assert.Empty(dave.Complaints);
        }
        finally
        {
            stack.OperatorProxy.Resume();
        }
    }

    [Fact]
    public async Task Only_admins_see_it_and_days_that_are_none_are_said_and_never_markup()
    {
        var stack = await pages.GetAsync();
        using var alice = TestTailnet.ClientFrom("127.0.0.1", stack.ApiUri);
        using var dave = TestTailnet.ClientFrom("127.0.0.6", stack.ApiUri);
        alice.DefaultRequestHeaders.Add("Accept", "text/html");
        dave.DefaultRequestHeaders.Add("Accept", "text/html");

        var page = await alice.GetStringAsync("/?user=bob@example.com&from=2026-11-01", Cancel);
        Assert.DoesNotContain("History", page, StringComparison.Ordinal);
        Assert.DoesNotContain("bob@example.com", page, StringComparison.Ordinal);

        page = await dave.GetStringAsync($"/?from={Uri.EscapeDataString("\"><script>")}", Cancel);
        Assert.Contains("Write days like 2026-11-24.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\"><script>", page, StringComparison.Ordinal);
        Assert.Contains("leave continue out to begin with the newest", await dave.GetStringAsync("/?before=nonsense", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_grant_has_a_line_with_its_real_end_and_older_ones_are_a_page_away()
    {
        var start = new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);
        var html = await RenderAsync(new HistoryModel
        {
            User = "alice@example.com",
            Role = "",
            From = "2026-11-24",
            To = "",
            Continue = "1.u",
            Items =
            [
                new RecordedSession
                {
                    Uid = "u",
                    Name = "n",
                    Username = "<b>alice</b>",
                    How = "vanished",
                    Ended = start.AddHours(3),
                    Grants =
                    [
                        new RecordedGrant { Role = "view", From = start, Until = start.AddHours(2) },
                        new RecordedGrant { Role = "tka-edit", Namespaces = ["team-a"], From = start.AddHours(2), Until = start.AddHours(9) },
                    ],
                },
            ],
        });

        Assert.Contains("&lt;b&gt;alice&lt;/b&gt;", html, StringComparison.Ordinal);
        Assert.Contains("Removed by force", html, StringComparison.Ordinal);
        Assert.Equal(["08:00", "10:00", "10:00", "11:00"], System.Text.RegularExpressions.Regex.Matches(html, "24 Nov, ([0-9:]+) UTC").Select(match => match.Groups[1].Value));
        Assert.Contains("/?user=alice%40example.com&amp;from=2026-11-24&amp;before=1.u#history", html, StringComparison.Ordinal);
    }

    private static async Task<string> RenderAsync(HistoryModel model)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(History.Model)] = model });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<History>(parameters)).ToHtmlString());
    }
}
