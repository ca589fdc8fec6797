using Microsoft.Playwright;
using Xunit;

namespace TKA.Tests.Web;

/// <summary>One headless Chromium for all tests of the pages. They run one after the other; each visit has a profile of its own.</summary>
[CollectionDefinition(Name)]
public sealed class Browser : IAsyncLifetime, ICollectionFixture<Browser>, ICollectionFixture<PageStack>
{
    public const string Name = "browser";

    /// <summary>Under this name the pages are visited, through a proxy. It is one of the names of the embedded tailnet's TKA node.</summary>
    public const string Origin = "http://tka.tail0dev.ts.net";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Executable() is not { } executable)
        {
            return;
        }

        // Pages are read again until they are as expected; a busy machine needs longer than the 5 s of Playwright.
        Assertions.SetDefaultExpectTimeout((float)TimeSpan.FromMinutes(1).TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = executable,
            Args =
            [
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",

                // As with https in production: browsers send Sec-Fetch headers to secure origins only.
                $"--unsafely-treat-insecure-origin-as-secure={Origin}",
            ],
        });
    }

    /// <summary>A new profile whose connections come from a device of the tailnet.</summary>
    /// <param name="source">Loopback address of the device.</param>
    /// <param name="server">The server that <see cref="Origin"/> leads to.</param>
    /// <param name="options">More about the profile.</param>
    internal async Task<Visit> VisitAsync(string source, Uri server, BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, "There is no Chromium on this machine (Debian's package chromium).");
        var proxy = new SourceProxy(source, server);
        options ??= new BrowserNewContextOptions();
        options.BaseURL = Origin;
        options.Proxy = new Proxy { Server = proxy.Address };
        options.Locale = "en-GB";
        options.TimezoneId = "Europe/Berlin";
        options.ReducedMotion = ReducedMotion.Reduce;
        var context = await _browser.NewContextAsync(options);
        return new Visit(proxy, context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    private static string? Executable() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(directory => Names.Select(name => Path.Combine(directory, name)))
            .FirstOrDefault(File.Exists);
}

/// <summary>A profile of the browser and its first page.</summary>
internal sealed class Visit(SourceProxy proxy, IBrowserContext context, IPage page) : IAsyncDisposable
{
    private readonly List<string> _complaints = Listen(page);

    public IPage Page => page;

    /// <summary>What the browser's console complained about: blocked styles, failed requests, errors of the script.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public ILocator Button(string name) => page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>The part of the page under a heading.</summary>
    public ILocator Section(string heading) => page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = heading, Exact = true });

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        await proxy.DisposeAsync();
    }

    private static List<string> Listen(IPage page)
    {
        var complaints = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => complaints.Add(error);
        return complaints;
    }
}
