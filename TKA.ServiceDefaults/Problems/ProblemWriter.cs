using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.ServiceDefaults.Problems;

/// <summary>Writes problems as <c>application/problem+json</c>, or as the page that a service has for browsers.</summary>
public static class ProblemWriter
{
    /// <summary>Writes a problem with the request's path and trace id, never cached, unless the answer has begun.</summary>
    /// <param name="context">The request; its answer gets the problem's status.</param>
    /// <param name="problem">The problem; <see cref="Problem.Status"/> must be set.</param>
    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(problem);
        var response = context.Response;
        if (response.HasStarted)
        {
            return Task.CompletedTask;
        }

        response.StatusCode = problem.Status!.Value;
        response.Headers.CacheControl = "no-store";
        if (problem.RetryAfter is { } delay)
        {
            SetRetryAfter(response, delay);
        }

        var complete = problem with { Instance = context.Request.Path, TraceId = Activity.Current?.TraceId.ToHexString() };
        if (context.RequestServices.GetService<IProblemPage>()?.Find(context, complete) is { } page)
        {
            return page.ExecuteAsync(context);
        }

        response.ContentType = Problem.MediaType;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : JsonSerializer.SerializeAsync(response.Body, complete, ContractsJsonContext.Default.Problem, context.RequestAborted);
    }

    /// <summary>Sets <c>Retry-After</c> in whole seconds, at least one.</summary>
    public static void SetRetryAfter(HttpResponse response, TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>Answers a request with a problem.</summary>
public sealed class ProblemResult(Problem problem) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => ProblemWriter.WriteAsync(httpContext, problem);
}
