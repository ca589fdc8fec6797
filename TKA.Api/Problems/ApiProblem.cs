using TKA.Contracts.Rest;

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
    /// <summary>Start of every <c>type</c> URI. They name a kind of problem and need not resolve (RFC 9457, section 3.1.1).</summary>
    public const string TypePrefix = "urn:tka:problem:";

    /// <summary>What to do next, most useful first.</summary>
    public IReadOnlyList<string> Advice { get; init; } = [];

    /// <summary>What led to it.</summary>
    public ApiProblem? Cause { get; init; }

    /// <summary>When to come back, sent as <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The document sent to the client.</summary>
    public Problem ToDocument(string? instance = null, string? traceId = null) => new()
    {
        Type = TypePrefix + Kind,
        Title = Title,
        Status = Status,
        Detail = Detail,
        Instance = instance,
        TraceId = traceId,
        Message = Detail,
        Advice = Advice,
        Cause = Cause?.ToDocument(),
    };
}

/// <summary>Ends the handling of a request with a problem. Thrown by use cases, written by <see cref="ProblemExceptionHandler"/>.</summary>
internal sealed class ApiProblemException(ApiProblem problem, Exception? inner = null) : Exception(problem.Detail, inner)
{
    /// <summary>What to answer.</summary>
    public ApiProblem Problem { get; } = problem;
}
