using TKA.Contracts.Operator;

namespace TKA.Operator.Tokens;

/// <summary>Why there is no token.</summary>
internal enum TokenRefusal
{
    None,
    NotFound,
    NotReady,
    Rejected,
    Over,
}

/// <summary>A token, or why not.</summary>
internal sealed record TokenAnswer(TokenRefusal Refusal, string Explanation, SessionToken? Token = null)
{
    public TokenAnswer(SessionToken token)
        : this(TokenRefusal.None, "", token)
    {
    }
}
