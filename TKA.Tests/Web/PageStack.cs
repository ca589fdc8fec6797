using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Web;

/// <summary>A stack for tests of pages. A browser beside it takes processor time, so that limits meant for answers at once are longer.</summary>
internal static class PageStack
{
    /// <summary>Starts one.</summary>
    public static Task<TkaStack> StartAsync(TkaStackOptions? options = null)
    {
        options ??= new TkaStackOptions();
        var settings = new Dictionary<string, string?>(options.ApiSettings) { ["tailscale:localApiTimeout"] = "00:00:30" };
        return TkaStack.StartAsync(TestContext.Current.CancellationToken, options with { ApiSettings = settings });
    }
}
