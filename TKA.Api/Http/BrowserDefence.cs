using Microsoft.Net.Http.Headers;
using TKA.Api.Problems;
using TKA.Api.Telemetry;

namespace TKA.Api.Http;

/// <summary>
/// Identity is the connection, so a web page in a person's browser would act with that person's rights. Two rules keep pages
/// out: the host must be this server's (else DNS rebinding lets a page read answers), and a page of another origin may
/// send nothing (else it could sign people in and out, although it cannot read the answer).
/// </summary>
internal sealed class BrowserDefence(RequestDelegate next, NodeNames names, ILogger<BrowserDefence> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (!await names.IsOwnAsync(host, context.Connection.LocalIpAddress, context.RequestAborted))
        {
            Log.Misdirected(logger, ApiProblems.Printable(host));
            await ProblemWriter.WriteAsync(context, ApiProblems.Misdirected(host));
            return;
        }

        if (IsFromAnotherOrigin(context.Request))
        {
            Log.CrossOrigin(logger);
            await ProblemWriter.WriteAsync(context, ApiProblems.CrossOrigin);
            return;
        }

        await next(context);
    }

    // Programs send neither header; browsers send Origin with every cross-origin request that is not a plain GET, and
    // Sec-Fetch-Site with all of them.
    private static bool IsFromAnotherOrigin(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            // Following a link to the documentation is harmless: nothing is done by it and nobody else reads it.
            return !HttpMethods.IsGet(request.Method) || request.Headers["Sec-Fetch-Mode"] != "navigate";
        }

        var origin = request.Headers[HeaderNames.Origin];
        return origin.Count > 0
            && !(Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var uri)
                && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)
                && uri.Scheme == request.Scheme);
    }
}
