// Makes the pictures of the dashboard from a running stack, after a `tka login` that was traced:
//   dotnet run docs/images/dashboard.cs -- "LOGIN_URL of the box" TRACE_ID      (aspire otel traces --search login --format json)
#:package Microsoft.Playwright
#:property RestorePackagesWithLockFile=false
#:property ManagePackageVersionsCentrally=true
#:property EnforceCodeStyleInBuild=false
#:property PublishAot=false

using Microsoft.Playwright;

var login = new Uri(args[0]);
var images = Path.Combine(Directory.GetCurrentDirectory(), "docs", "images");
using var playwright = await Playwright.CreateAsync();
await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
{
    ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
    Args = ["--no-sandbox", "--disable-gpu"],
});
var page = await browser.NewPageAsync(new BrowserNewPageOptions
{
    ViewportSize = new ViewportSize { Width = 1280, Height = 620 },
    ColorScheme = ColorScheme.Light,
    Locale = "en-GB",
    ReducedMotion = ReducedMotion.Reduce,
});
page.SetDefaultTimeout(60_000);
await page.GotoAsync(login.AbsoluteUri);
await page.GetByText("operator", new PageGetByTextOptions { Exact = true }).First.WaitForAsync();

async Task TakeAsync(string name, string path)
{
    await page.GotoAsync(new Uri(login, path).AbsoluteUri);
    await ShootAsync(name);
}

async Task ShootAsync(string name)
{
    await page.WaitForTimeoutAsync(6_000);
    await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(images, $"dashboard-{name}.png") });
}

// Closes the bar about the development certificate, which a machine may have or not, for all pages.
await page.WaitForTimeoutAsync(6_000);
await page.Mouse.ClickAsync(1247, 82);
await TakeAsync("resources", "/");

await TakeAsync("trace", $"/traces/detail/{args[1]}");
await TakeAsync("logs", "/structuredlogs");
await TakeAsync("metrics", "/metrics/resource/operator?meter=TKA.Operator&instrument=tka_active_user_sessions&duration=5&view=Graph");
