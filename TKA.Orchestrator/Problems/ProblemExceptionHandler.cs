using Microsoft.AspNetCore.Diagnostics;
using TKA.Orchestrator.Telemetry;
using TKA.ServiceDefaults.Problems;
using TKA.State;

namespace TKA.Orchestrator.Problems;

/// <summary>Turns exceptions into problems: Dapr's absence is 503, anything else a 500 that tells nothing.</summary>
internal sealed class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        var problem = exception switch
        {
            StateUnavailableException => OrchestratorProblems.StateUnavailable,
            BadHttpRequestException bad => OrchestratorProblems.ForStatus(bad.StatusCode),
            _ => OrchestratorProblems.Internal,
        };
        if (problem == OrchestratorProblems.Internal)
        {
            Log.Unexpected(logger, exception);
        }
        else if (exception is StateUnavailableException)
        {
            Log.StateUnavailable(logger, exception.Message);
        }

        await ProblemWriter.WriteAsync(httpContext, problem);
        return true;
    }
}
