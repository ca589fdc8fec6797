using TKA.Contracts.Rest;
using TKA.ServiceDefaults.Problems;

namespace TKA.Api.Problems;

/// <summary>
/// An answer that is not what the caller asked for: status, kind, what happened and what to do next.
/// The texts are shown to strangers, so they never hold a token, a stack trace or an internal address.
/// </summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Kind">Stable name of the kind of problem, the last part of its <c>type</c> URI.</param>
/// <param name="Title">Short text of the kind.</param>
/// <param name="Detail">What happened this time.</param>
internal sealed record ApiProblem(int Status, string Kind, string Title, string Detail)
{
    /// <summary>What to do next, most useful first.</summary>
    public IReadOnlyList<string> Advice { get; init; } = [];

    /// <summary>What led to it.</summary>
    public ApiProblem? Cause { get; init; }

    /// <summary>When to come back, sent as <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Answers a request with it.</summary>
    public Task WriteAsync(HttpContext context)
    {
        // RFC 9110, section 15.5.2: a 401 names a challenge. There is nothing a client could send; it has to sign in.
        if (Status == StatusCodes.Status401Unauthorized && !context.Response.HasStarted)
        {
            context.Response.Headers.WWWAuthenticate = "Tailscale";
        }

        return ProblemWriter.WriteAsync(context, ToDocument());
    }

    /// <summary>The document sent to the client.</summary>
    public Problem ToDocument() => new()
    {
        Type = Problem.TypePrefix + Kind,
        Title = Title,
        Status = Status,
        Detail = Detail,
        Message = Detail,
        Advice = Advice,
        RetryAfter = RetryAfter,
        Cause = Cause?.ToDocument(),
    };
}

/// <summary>Ends the handling of a request with a problem. Thrown by use cases, written by <see cref="ProblemExceptionHandler"/>.</summary>
internal sealed class ApiProblemException(ApiProblem problem, Exception? inner = null) : Exception(problem.Detail, inner)
{
    /// <summary>What to answer.</summary>
    public ApiProblem Problem { get; } = problem;
}
