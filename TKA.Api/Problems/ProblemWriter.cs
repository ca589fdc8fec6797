using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Api.Problems;

/// <summary>Writes a problem as <c>application/problem+json</c>.</summary>
internal static class ProblemWriter
{
    /// <summary>Writes the problem, <c>Retry-After</c> included, unless the answer has begun.</summary>
    public static Task WriteAsync(HttpContext context, ApiProblem problem)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            return Task.CompletedTask;
        }

        response.StatusCode = problem.Status;
        response.ContentType = Problem.MediaType;
        response.Headers.CacheControl = "no-store";
        if (problem.RetryAfter is { } delay)
        {
            RetryAfter(response, delay);
        }

        // RFC 9110, section 15.5.2: a 401 names a challenge. There is nothing a client could send; it has to sign in.
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers[HeaderNames.WWWAuthenticate] = "Tailscale";
        }

        var document = problem.ToDocument(context.Request.Path, Activity.Current?.TraceId.ToString());
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : JsonSerializer.SerializeAsync(response.Body, document, ContractsJsonContext.Default.Problem, context.RequestAborted);
    }

    /// <summary>Sets <c>Retry-After</c> in whole seconds, at least one.</summary>
    public static void RetryAfter(HttpResponse response, TimeSpan delay) =>
        response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
