using Microsoft.AspNetCore.Http;
using TKA.Tailscale.Authentication;

namespace TKA.Tailscale.Serving;

/// <summary>
/// Scheme and host that the caller asked for. Serve may call its target "localhost"; what the caller asked for is then in the headers
/// that serve sets.
/// </summary>
internal static class RequestOrigin
{
    public static HostString HostOf(HttpContext context) =>
        context.Features.Get<ServeConnection>() is null
            ? context.Request.Host
            : new HostString(context.Request.Headers["X-Forwarded-Host"].ToString());

    public static string SchemeOf(HttpContext context) =>
        context.Features.Get<ServeConnection>() is null
            ? context.Request.Scheme
            : context.Request.Headers["X-Forwarded-Proto"] is [{ } scheme] ? scheme : "http";
}
