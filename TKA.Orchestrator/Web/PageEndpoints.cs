using Microsoft.AspNetCore.Authorization;
using TKA.Contracts.Rest;
using TKA.Orchestrator.Endpoints;
using TKA.Web.Serving;

namespace TKA.Orchestrator.Web;

/// <summary>The clusters in a browser, under the policy of <c>GET /clusters</c>. The page changes nothing.</summary>
internal static class PageEndpoints
{
    /// <summary>Maps <c>/</c> and the assets.</summary>
    public static void MapPages(this IEndpointRouteBuilder app)
    {
        app.MapWebAssets();
        app.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], HomeAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> HomeAsync(HttpContext context, IAuthorizationService authorization, ClustersPageBuilder builder)
    {
        if (!context.Request.WantsPage())
        {
            return IndexLinks.Answer("TKA orchestrator", ApiRoutes.OrchestratorBase);
        }

        return (await authorization.AuthorizeAsync(context.User, context, Policies.Read)).Succeeded
            ? Pages.Clusters(builder.Build(context))
            : TypedResults.Forbid();
    }
}
