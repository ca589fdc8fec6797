using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Serving;

/// <summary>
/// Identity is the connection, so a web page in a person's browser would act with that person's rights. Two rules keep
/// pages out: the host must be this server's (else DNS rebinding lets a page read answers), and a page of another origin
/// may send nothing but a navigation.
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, OwnNames names, IOptionsMonitor<TailscaleAuthenticationOptions> options, ILogger<BrowserGuard> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (await JudgeAsync(context) is { } refusal)
        {
            Log.Refused(logger, refusal.Reason, refusal.Detail);
            await options.Get(TailscaleAuthenticationOptions.Scheme).WriteRefusal(context, refusal);
            return;
        }

        await next(context);
    }

    private async ValueTask<TailscaleRefusal?> JudgeAsync(HttpContext context)
    {
        try
        {
            var host = RequestOrigin.HostOf(context).Host;
            if (!await names.ContainAsync(host, context.Connection.LocalIpAddress, context.RequestAborted))
            {
                return TailscaleRefusals.Misdirected(host);
            }
        }
        catch (LocalApiException)
        {
            return TailscaleRefusals.TailscaledUnavailable;
        }

        return IsFromAnotherOrigin(context) ? TailscaleRefusals.CrossOrigin : null;
    }

    // Programs send neither header. Browsers send Sec-Fetch-Site with every request, and Origin with all but plain GETs.
    private static bool IsFromAnotherOrigin(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            // A GET changes nothing, and the answer to a navigation is shown to the person, not to the other site.
            return !HttpMethods.IsGet(request.Method) || request.Headers["Sec-Fetch-Mode"] != "navigate";
        }

        var origin = request.Headers.Origin;
        return origin.Count > 0
            && !(Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var uri)
                && uri.Scheme == RequestOrigin.SchemeOf(context)
                && uri.Authority.Equals(RequestOrigin.HostOf(context).Value, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>Adds the guard to a pipeline.</summary>
public static class BrowserGuardExtensions
{
    /// <summary>
    /// Refuses requests for other hosts (421) and of web pages of other origins (403). Needs
    /// <c>AddTailnetListener</c> and <c>AddTailscaleAuthentication</c>; put it before routing.
    /// </summary>
    public static IApplicationBuilder UseTailnetBrowserGuard(this IApplicationBuilder app) => app.UseMiddleware<BrowserGuard>();
}
