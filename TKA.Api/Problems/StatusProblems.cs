using Microsoft.AspNetCore.Diagnostics;

namespace TKA.Api.Problems;

/// <summary>Problems for statuses that the framework answers by itself: no such path, wrong method, body too large.</summary>
internal static class StatusProblems
{
    /// <summary>Gives an empty answer with an error status a body.</summary>
    public static Task WriteAsync(StatusCodeContext context) =>
        For(context.HttpContext.Response.StatusCode).WriteAsync(context.HttpContext);

    /// <summary>The problem of a status.</summary>
    public static ApiProblem For(int status) => status switch
    {
        StatusCodes.Status400BadRequest => new(status, "bad-request", "Bad request", "The request cannot be understood.")
        {
            Advice = ["Look the request up in /openapi/v1.json."],
        },
        StatusCodes.Status404NotFound => new(status, "not-found", "Not found", "There is nothing at this path.")
        {
            Advice = ["The API is at /api/v1alpha1; its description at /openapi/v1.json."],
        },
        StatusCodes.Status405MethodNotAllowed => new(status, "method-not-allowed", "Method not allowed", "This path does not have this method.")
        {
            Advice = ["The Allow header says which methods there are."],
        },
        StatusCodes.Status408RequestTimeout => new(status, "request-timeout", "Request too slow", "The request took too long to arrive.")
        {
            Advice = ["Send it again, in one piece."],
        },
        StatusCodes.Status413PayloadTooLarge => new(status, "too-large", "Body too large", "The request body is larger than this server takes.")
        {
            Advice = ["A login needs a body of a few dozen bytes, or none."],
        },
        StatusCodes.Status415UnsupportedMediaType => new(status, "unsupported-media-type", "Not JSON", "The request body is not marked as JSON.")
        {
            Advice = ["Send Content-Type: application/json, or no body at all."],
        },
        StatusCodes.Status500InternalServerError => new(status, "internal", "Internal error", "Something went wrong in the server.")
        {
            Advice = ["Try again.", "If it stays so, give the administrator of the cluster the traceId."],
        },
        StatusCodes.Status503ServiceUnavailable => new(status, "unavailable", "Not in time", "The server could not answer in time.")
        {
            RetryAfter = ApiProblems.RetryUnavailable,
            Advice = ["Try again in a moment."],
        },
        _ => new(status, "status-" + status.ToString(System.Globalization.CultureInfo.InvariantCulture), "Request refused", "The request was refused."),
    };
}
