using Microsoft.AspNetCore.WebUtilities;
using TKA.Contracts.Rest;
using TKA.ServiceDefaults.Problems;

namespace TKA.Operator.Tokens;

/// <summary>Errors of the operator's HTTP surface, as <see cref="Problem"/>.</summary>
internal static class Problems
{
    public static IResult Result(int status, string detail, params ReadOnlySpan<string> advice) => new ProblemResult(Create(status, detail, advice));

    public static Task WriteAsync(HttpContext context, int status, string detail, params ReadOnlySpan<string> advice) =>
        ProblemWriter.WriteAsync(context, Create(status, detail, advice));

    private static Problem Create(int status, string detail, ReadOnlySpan<string> advice) => new()
    {
        Title = ReasonPhrases.GetReasonPhrase(status),
        Status = status,
        Detail = detail,
        Message = detail,
        Advice = advice.ToArray(),
    };
}
