using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TKA.Web.Serving;

/// <summary>
/// Answers with a Razor component that is rendered once, on the server: no circuit, no antiforgery cookie, no keys that replicas would
/// have to share. The component has one parameter, <c>Model</c>.
/// </summary>
internal sealed class PageResult<TComponent>(object model, int statusCode) : IResult
    where TComponent : IComponent
{
    // Only our own style, script and icon load, and only our own pages are asked and posted to. "form-action" alone would let a
    // page be framed; "frame-ancestors" alone would let an injected form post elsewhere.
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { ["Model"] = model });
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TComponent>(parameters)).ToHtmlString());
        await WriteAsync(httpContext, Encoding.UTF8.GetBytes(html));
    }

    private Task WriteAsync(HttpContext context, byte[] body)
    {
        var response = context.Response;
        var headers = response.Headers;
        response.StatusCode = statusCode;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = body.Length;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";

        // Not "no-referrer": with that, browsers send "Origin: null" with our own forms, and BrowserGuard refuses them.
        headers["Referrer-Policy"] = "same-origin";
        headers.Vary = "Accept";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
