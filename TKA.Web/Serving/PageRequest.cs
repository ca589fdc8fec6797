using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using TKA.Contracts.Rest;

namespace TKA.Web.Serving;

/// <summary>Tells browsers from programs.</summary>
public static class PageRequest
{
    private static readonly MediaTypeHeaderValue Html = new("text/html");
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>
    /// Whether the answer is to be a page: <c>Accept</c> names <c>text/html</c>, and no JSON before it (a wildcard, as curl sends it,
    /// names neither), and the path is none of the REST API's, whose answers never depend on this.
    /// </summary>
    public static bool WantsPage(this HttpRequest request) =>
        !request.Path.StartsWithSegments(ApiRoutes.ApiBase, StringComparison.Ordinal)
        && !request.Path.StartsWithSegments(ApiRoutes.OrchestratorBase, StringComparison.Ordinal)
        && MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && Quality(accepted, Html) is > 0 and var html
        && html >= Quality(accepted, Json);

    private static double Quality(IEnumerable<MediaTypeHeaderValue> accepted, MediaTypeHeaderValue type) =>
        accepted.Where(range => range.MediaType.Equals(type.MediaType, StringComparison.OrdinalIgnoreCase)).Max(range => range.Quality ?? 1.0 as double?) ?? 0;
}
