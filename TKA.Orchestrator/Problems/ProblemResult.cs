using System.Diagnostics;
using System.Text.Json;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Orchestrator.Problems;

/// <summary>Answers with a problem.</summary>
internal sealed class ProblemResult(Problem problem) : IResult
{
    private const string RetryAfterSeconds = "2";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = problem.Status!.Value;
        response.ContentType = Problem.MediaType;
        response.Headers.CacheControl = "no-store";
        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = RetryAfterSeconds;
        }

        var complete = problem with { Instance = httpContext.Request.Path, TraceId = Activity.Current?.TraceId.ToHexString() };
        return JsonSerializer.SerializeAsync(response.Body, complete, ContractsJsonContext.Default.Problem, httpContext.RequestAborted);
    }
}
