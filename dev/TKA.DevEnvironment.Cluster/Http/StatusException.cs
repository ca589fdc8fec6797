namespace TKA.DevEnvironment.Cluster.Http;
/// <summary>One field of a Kubernetes <c>Status.details.causes</c>.</summary>
internal sealed record StatusCause(string Reason, string Message, string Field);

/// <summary>A refusal; the HTTP layer turns it into a Kubernetes <c>Status</c> body.</summary>
internal sealed class StatusException(int code, string reason, string message, IReadOnlyList<StatusCause>? causes = null)
    : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Code { get; } = code;

    /// <summary>Machine-readable reason (<c>NotFound</c>, <c>Forbidden</c>, <c>Invalid</c>, ...).</summary>
    public string Reason { get; } = reason;

    /// <summary>Fields at fault.</summary>
    public IReadOnlyList<StatusCause> Causes { get; } = causes ?? [];

    /// <summary>Group, kind (or resource) and name for <c>details</c>.</summary>
    public (string Group, string Kind, string Name, string Uid)? Details { get; init; }

    /// <summary>Seconds for <c>Retry-After</c> and <c>details.retryAfterSeconds</c>.</summary>
    public int? RetryAfterSeconds { get; init; }
}
