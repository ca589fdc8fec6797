namespace TKA.DevEnvironment.Tailnet.LocalApi;

/// <summary>tailscaled's defence against web pages (Host, Referer, Origin), and the headers on every answer.</summary>
internal sealed class LocalApiGuard(RequestDelegate next, string capabilityVersion)
{
    public const string Version = "1.96.4-tka-embedded";
    private const string Host = "local-tailscaled.sock";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["Tailscale-Version"] = Version;
        headers["Tailscale-Cap"] = capabilityVersion;
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; script-src 'none'; script-src-elem 'none'; script-src-attr 'none'";
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";

        var request = context.Request;
        return request.Host.Value is not (null or "" or Host) || request.Headers.Referer.Count > 0 || request.Headers.Origin.Count > 0
            ? GoResponses.ErrorAsync(context, 403, "invalid localapi request")
            : next(context);
    }
}
