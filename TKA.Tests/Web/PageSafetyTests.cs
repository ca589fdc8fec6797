using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace TKA.Tests.Web;

/// <summary>What the pages refuse, and that they refuse it as the API does.</summary>
[Collection(Browser.Name)]
public sealed class PageSafetyTests(Browser browser, PageStack pages)
{
    private const string Html = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    private const string Evil = "http://evil.example";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_form_on_another_site_signs_nobody_in()
    {
        var stack = await pages.GetAsync();
        await using var alice = await browser.VisitAsync("127.0.0.1", stack.ApiUri);
        await alice.Page.RouteAsync(Evil + "/**", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/html",
            Body = $"<form method=post action='{Browser.Origin}/signin'><input name=role value=view><button>Win</button></form>",
        }));
        await alice.Page.GotoAsync(Evil + "/");
        var answer = await alice.Page.RunAndWaitForResponseAsync(() => alice.Button("Win").ClickAsync(), response => response.Url.EndsWith("/signin", StringComparison.Ordinal));

        Assert.Equal(403, answer.Status);
        await Expect(alice.Page.Locator("h1")).ToHaveTextAsync("Cross-origin request");
        using var api = stack.From("127.0.0.1");
        using var session = await api.GetAsync(ApiRoutes.Login, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, session.StatusCode);
    }

    [Fact]
    public async Task No_page_can_be_framed_and_a_link_elsewhere_claims_nothing()
    {
        var stack = await pages.GetAsync();
        await using var alice = await browser.VisitAsync("127.0.0.1", stack.ApiUri);
        await alice.Page.RouteAsync(Evil + "/**", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/html",
            Body = $"<iframe src='{Browser.Origin}/'></iframe><a href='{Browser.Origin}/?done=signed-in'>Go</a>",
        }));
        await alice.Page.GotoAsync(Evil + "/");
        Assert.Contains(alice.Complaints, line => line.Contains("frame", StringComparison.OrdinalIgnoreCase));

        await alice.Page.GetByText("Go").ClickAsync();
        await Expect(alice.Page.Locator("h1")).ToHaveTextAsync("Your access to prod-eu");
        await Expect(alice.Page.GetByText("You are signed in.")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Texts_that_people_choose_are_never_markup()
    {
        const string Markup = "<img src=x onerror=alert(1)>";
        var policy = JsonNode.Parse(new TestTailnetPolicy().Person("127.0.0.1", "mallory@example.com", """[{"role":"view","period":"8h","admin":true}]""", "laptop").ToString())!;
        policy["devices"]!["127.0.0.1"]!["displayName"] = Markup;
        var stack = await pages.GetAsync();
        await stack.Tailnet.SetPolicyAsync(policy.ToJsonString(), Cancel);
        try
        {
            await using var mallory = await browser.VisitAsync("127.0.0.1", stack.ApiUri);
            await mallory.Page.GotoAsync($"/?user={Uri.EscapeDataString("\"><script>alert(1)</script>")}");

            await Expect(mallory.Page.Locator(".who .name")).ToHaveTextAsync(Markup);
            await Expect(mallory.Page.GetByLabel("Person")).ToHaveValueAsync("\"><script>alert(1)</script>");
            await Expect(mallory.Page.Locator("main img, main script")).ToHaveCountAsync(0);
            Assert.Empty(mallory.Complaints);
        }
        finally
        {
            await stack.Tailnet.SetPolicyAsync(PageStack.Policy, Cancel);
        }
    }

    [Theory]
    [InlineData("127.0.0.4", 400, "Tagged node")]
    [InlineData("127.0.0.77", 403, "Unknown peer")]
    public async Task Nodes_and_strangers_are_refused_as_by_the_API(string source, int status, string title)
    {
        var stack = await pages.GetAsync();
        using var http = TestTailnet.ClientFrom(source, stack.ApiUri);
        using var page = await GetAsync(http, "/", Html);
        using var api = await http.GetAsync(ApiRoutes.Access, Cancel);
        var problem = await api.Content.ReadFromJsonAsync<Problem>(Cancel);

        Assert.Equal((status, (int)api.StatusCode), ((int)page.StatusCode, status));
        Assert.Equal(title, problem!.Title);
        var html = WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync(Cancel));
        Assert.Contains($"<h1>{title}</h1>", html, StringComparison.Ordinal);
        Assert.All(problem.Advice, advice => Assert.Contains(advice, html, StringComparison.Ordinal));
        Assert.DoesNotContain("<form", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Funnel_is_refused_on_the_page_too()
    {
        var stack = await pages.GetAsync();
        using var http = TestTailnet.ClientFrom("127.0.0.1", stack.ApiUri);
        http.DefaultRequestHeaders.Add("Tailscale-Funnel-Request", "?1");
        using var page = await GetAsync(http, "/", Html);

        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        Assert.Contains("<h1>Funnel is not allowed</h1>", await page.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_carry_strict_headers_and_no_cookie()
    {
        var stack = await pages.GetAsync();
        foreach (var (source, path) in ((string, string)[])[("127.0.0.1", "/"), ("127.0.0.3", "/"), ("127.0.0.1", "/nothing"), ("127.0.0.77", "/")])
        {
            using var http = TestTailnet.ClientFrom(source, stack.ApiUri);
            using var page = await GetAsync(http, path, Html);
            Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
            Assert.True(page.Headers.CacheControl!.NoStore);
            var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.False(page.Headers.Contains("Set-Cookie"));
            var html = await page.Content.ReadAsStringAsync(Cancel);
            Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
            Assert.DoesNotMatch("<script(?! src=\"/assets/)", html);
        }
    }

    [Theory]
    [InlineData("/signin", "127.0.0.1")]
    [InlineData("/signout", "127.0.0.1")]
    [InlineData("/sessions/end", "127.0.0.6")]
    public async Task Forms_need_an_origin_a_form_and_a_post(string path, string source)
    {
        var stack = await pages.GetAsync();
        using var http = TestTailnet.ClientFrom(source, stack.ApiUri);
        using var form = new FormUrlEncodedContent([new("role", "view"), new("name", "x")]);
        using var withoutOrigin = await http.PostAsync(path, form, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, withoutOrigin.StatusCode);

        http.DefaultRequestHeaders.Add("Origin", stack.ApiUri.GetLeftPart(UriPartial.Authority));
        using var json = await http.PostAsJsonAsync(path, new LoginRequest { Role = "view" }, Cancel);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
        using var get = await http.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task Without_a_grant_or_the_right_no_form_does_anything()
    {
        var stack = await pages.GetAsync();
        using var carol = TestTailnet.ClientFrom("127.0.0.3", stack.ApiUri);
        using var alice = TestTailnet.ClientFrom("127.0.0.1", stack.ApiUri);
        foreach (var http in (HttpClient[])[carol, alice])
        {
            http.DefaultRequestHeaders.Add("Origin", stack.ApiUri.GetLeftPart(UriPartial.Authority));
            http.DefaultRequestHeaders.Add("Accept", Html);
        }

        using var form = new FormUrlEncodedContent([new("role", "view")]);
        using var signIn = await carol.PostAsync("/signin", form, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, signIn.StatusCode);
        Assert.Contains("No access yet", await signIn.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        using var other = new FormUrlEncodedContent([new("role", "cluster-admin")]);
        using var notGranted = await alice.PostAsync("/signin", other, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, notGranted.StatusCode);
        Assert.Contains("Role not granted", await notGranted.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        using var end = new FormUrlEncodedContent([new("name", "tka-user-bob")]);
        using var notAdmin = await alice.PostAsync("/sessions/end", end, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, notAdmin.StatusCode);
        Assert.Contains("Admins only", await notAdmin.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("application/json, text/html;q=0.5")]
    public async Task Programs_get_links_in_place_of_the_page(string? accept)
    {
        var stack = await pages.GetAsync();
        using var http = TestTailnet.ClientFrom("127.0.0.77", stack.ApiUri);
        using var answer = await GetAsync(http, "/", accept);
        var index = await answer.Content.ReadFromJsonAsync<ServiceIndex>(Cancel);

        Assert.Equal(ApiRoutes.ApiBase, index!.Api);
        foreach (var link in (string[])[index.OpenApi, index.OpenApiYaml, index.Scalar])
        {
            using var linked = await http.GetAsync(link, Cancel);
            Assert.True((int)linked.StatusCode < 400, $"{link}: {linked.StatusCode}");
        }
    }

    [Fact]
    public async Task The_REST_API_answers_JSON_whatever_a_browser_accepts()
    {
        var stack = await pages.GetAsync();
        using var http = TestTailnet.ClientFrom("127.0.0.3", stack.ApiUri);
        using var answer = await GetAsync(http, ApiRoutes.Access, Html);

        Assert.Equal(Problem.MediaType, answer.Content.Headers.ContentType!.MediaType);
    }

    private static Task<HttpResponseMessage> GetAsync(HttpClient http, string path, string? accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return http.SendAsync(request, Cancel);
    }
}
