using Microsoft.AspNetCore.Authorization;
using Microsoft.Net.Http.Headers;
using TKA.Api.Http;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Tailscale;
using TKA.Tailscale.Authorization;
using TKA.Web.Serving;

namespace TKA.Api.Web;

/// <summary>
/// A person's access to this cluster in a browser. The pages use what the REST API uses, under the same policies; what changes state is
/// a form posted from one of these pages.
/// </summary>
internal static class PageEndpoints
{
    /// <summary>Maps <c>/</c>, the forms and the download of it, and the assets.</summary>
    public static void MapPages(this IEndpointRouteBuilder app)
    {
        app.MapWebAssets();
        var pages = app.MapGroup("").ExcludeFromDescription();
        pages.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], HomeAsync).AllowAnonymous();
        pages.MapGet("/kubeconfig", KubeconfigAsync).RequireAuthorization(TailscalePolicies.AnyRule);
        pages.MapPost("/signin", SignInAsync).RequireAuthorization(TailscalePolicies.AnyRule).PostedFromOwnPage();
        pages.MapPost("/signout", SignOutAsync).RequireAuthorization(TailscalePolicies.Person).PostedFromOwnPage();
        pages.MapPost("/sessions/end", EndAsync).RequireAuthorization(TailscalePolicies.Admin).PostedFromOwnPage();
    }

    /// <summary>Programs get links, which tell nothing; people get their page, under the policy of <c>GET /access</c>.</summary>
    private static async Task<IResult> HomeAsync(
        HttpContext context, IAuthorizationService authorization, AccessPageBuilder builder)
    {
        if (!context.Request.WantsPage())
        {
            return IndexLinks.Answer("TKA API", ApiRoutes.ApiBase);
        }

        return (await authorization.AuthorizeAsync(context.User, context, TailscalePolicies.AnyRule)).Succeeded
            ? Pages.Access(await builder.BuildAsync(context))
            : TypedResults.Forbid();
    }

    private static async Task<IResult> KubeconfigAsync(
        HttpContext context, ExecKubeconfig kubeconfig, string? role, CancellationToken cancellationToken)
    {
        var (name, yaml) = await kubeconfig.CreateAsync(context.GetTailscalePeer(), role, context.GetServerOrigin(), cancellationToken);
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name);
        context.Response.Headers.ContentDisposition = disposition.ToString();
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text(yaml, KubeconfigFormat.Yaml);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, OwnAccess access, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        await access.SignInAsync(context.GetTailscalePeer(), form["role"], form["period"], cancellationToken);
        return new SeeHome(Notices.SignedIn);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, OwnAccess access, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        await access.SignOutAsync(context.GetTailscalePeer(), form["role"], form["all"] == "true", cancellationToken);
        return new SeeHome(Notices.SignedOut);
    }

    private static async Task<IResult> EndAsync(HttpContext context, LogoutService logout, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        await logout.ByNameAsync(form["name"].ToString(), context.GetTailscalePeer(), cancellationToken);
        return new SeeHome(Notices.Ended);
    }
}
