using TKA.Api.Problems;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Web;

/// <summary>What every form has to meet.</summary>
internal static class FormPosts
{
    /// <summary>
    /// Refuses what is no form (415) or has no <c>Origin</c> (403). That an origin is this server's has been checked by the browser guard
    /// before; browsers send one with every POST.
    /// </summary>
    public static void PostedFromOwnPage(this RouteHandlerBuilder endpoint) => endpoint.AddEndpointFilter(static (context, next) =>
    {
        var request = context.HttpContext.Request;
        if (request.Headers.Origin.Count != 1)
        {
            throw new ApiProblemException(ApiProblems.Refused(TailscaleRefusals.CrossOrigin));
        }

        if (!request.HasFormContentType)
        {
            throw new ApiProblemException(StatusProblems.For(StatusCodes.Status415UnsupportedMediaType) with
            {
                Title = "Not a form",
                Detail = "This path takes the form of the page at /.",
                Advice = ["Programs use the API at /api/v1alpha1; its description is at /openapi/v1.json."],
            });
        }

        return next(context);
    });
}
