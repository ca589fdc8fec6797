using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using TKA.Api.Telemetry;
using TKA.Kubernetes.Client;
using TKA.Tailscale.LocalApi;

namespace TKA.Api.Problems;

/// <summary>Answers every exception with a problem. What is not expected becomes a bare 500; the log has the rest, under the trace id.</summary>
internal sealed class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested && exception is OperationCanceledException)
        {
            // Nobody is left to read an answer. 499 is what logs of other servers show for it.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        await Translate(exception).WriteAsync(httpContext);
        return true;
    }

    /// <summary>The problem to answer an exception with.</summary>
    internal ApiProblem Translate(Exception exception)
    {
        switch (exception)
        {
            case ApiProblemException refusal:
                return refusal.Problem;
            case BadHttpRequestException bad:
                return FromBadRequest(bad);
            case LocalApiException tailscale:
                Log.DependencyFailed(logger, Dependency.Tailscale.Name, tailscale.Message);
                return ApiProblems.Unavailable(Dependency.Tailscale);
            case KubernetesRequestException kubernetes:
                Log.DependencyFailed(logger, Dependency.Kubernetes.Name, kubernetes.Message);
                return FromKubernetes(kubernetes);
            default:
                Log.Unexpected(logger, exception);
                return StatusProblems.For(StatusCodes.Status500InternalServerError);
        }
    }

    private static ApiProblem FromKubernetes(KubernetesRequestException exception) => exception.Error switch
    {
        KubernetesError.Throttled or KubernetesError.Unavailable or KubernetesError.Unknown =>
            ApiProblems.Unavailable(Dependency.Kubernetes) with { RetryAfter = exception.RetryAfter ?? ApiProblems.RetryUnavailable },
        KubernetesError.Unauthorized or KubernetesError.Forbidden =>
            ApiProblems.Misconfigured(Dependency.Kubernetes, "The cluster does not let this server manage sessions."),
        KubernetesError.NotFound =>
            ApiProblems.Misconfigured(Dependency.Kubernetes, "The cluster has no TkaSignin resource or no namespace for sessions."),
        KubernetesError.Invalid =>
            ApiProblems.Misconfigured(Dependency.Kubernetes, "The cluster did not accept this session as valid."),
        _ => ApiProblems.SessionContended,
    };

    private static ApiProblem FromBadRequest(BadHttpRequestException exception)
    {
        var problem = StatusProblems.For(exception.StatusCode);
        return exception.GetBaseException() is JsonException json
            ? problem with
            {
                Detail = json.Path is { Length: > 0 } path ? $"The request body cannot be used at {ApiProblems.Printable(path)}." : "The request body is not the JSON expected here.",
                Advice = ["""Send an object like {"period":"2h","role":"view"}, or no body at all.""", "Unknown members are refused, so that a misspelled one never widens what you ask for."],
            }
            : problem;
    }
}
