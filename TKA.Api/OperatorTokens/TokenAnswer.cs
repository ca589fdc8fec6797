using TKA.Contracts.Operator;

namespace TKA.Api.OperatorTokens;

/// <summary>The operator's answer to a request for a session's token.</summary>
internal abstract record TokenAnswer
{
    /// <summary>The session is ready, and this is its token.</summary>
    public sealed record Issued(SessionToken Token) : TokenAnswer;

    /// <summary>The session is not ready yet; ask again after <paramref name="RetryAfter"/>.</summary>
    public sealed record NotReady(TimeSpan RetryAfter) : TokenAnswer;

    /// <summary>The session has ended.</summary>
    public sealed record Over : TokenAnswer;
}
