using TKA.Cli.Output;
using TKA.Contracts.Rest;

namespace TKA.Cli.Errors;

/// <summary>An error meant for the user: what happened, what to do next, and the exit code scripts see.</summary>
/// <param name="code">Stable name of the error, the anchor in <c>docs/troubleshooting.md</c>.</param>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
/// <param name="message">What happened, one sentence.</param>
/// <param name="advice">What to do next, most useful first.</param>
/// <param name="inner">What led to it; shown with <c>--debug</c> only.</param>
internal sealed class CliException(
    string code,
    int exitCode,
    string message,
    IReadOnlyList<string>? advice = null,
    Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable name of the error.</summary>
    public string Code { get; } = code;

    /// <summary>One of <see cref="TKA.Cli.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What to do next.</summary>
    public IReadOnlyList<string> Advice { get; } = advice ?? [];

    /// <summary>The server's problem document, when the server reported the error.</summary>
    public Problem? ServerProblem { get; init; }

    /// <summary>HTTP status, when the server reported the error.</summary>
    public int? Status { get; init; }

    /// <summary>W3C trace id to give to whoever runs the server.</summary>
    public string? TraceId { get; init; }

    /// <summary>How long the server asks to wait before trying again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same error with one more thing that can be done.</summary>
    public CliException WithAdvice(string more) => new(Code, ExitCode, Message, [.. Advice, more], InnerException)
    {
        ServerProblem = ServerProblem,
        Status = Status,
        TraceId = TraceId,
        RetryAfter = RetryAfter,
    };

    /// <summary>The error as a problem document.</summary>
    public ErrorOutput ToOutput() => new()
    {
        Type = ServerProblem?.Type ?? $"urn:tka:cli:{Code}",
        Title = ServerProblem?.Title ?? Code,
        Status = ServerProblem?.Status ?? Status,
        Detail = ServerProblem?.Detail ?? Message,
        Instance = ServerProblem?.Instance,
        TraceId = TraceId,
        Message = Message,
        Advice = Advice,
        Cause = ServerProblem?.Cause,
        Code = Code,
        ExitCode = ExitCode,
    };
}
