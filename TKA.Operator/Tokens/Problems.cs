using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Operator.Tokens;

/// <summary>Errors of the operator's HTTP surface, as <see cref="Problem"/>.</summary>
internal static class Problems
{
    public static Problem Create(HttpContext context, int status, string detail, params ReadOnlySpan<string> advice) => new()
    {
        Title = ReasonPhrases.GetReasonPhrase(status),
        Status = status,
        Detail = detail,
        Message = detail,
        Advice = advice.ToArray(),
        Instance = context.Request.Path,
        TraceId = Activity.Current?.TraceId.ToHexString(),
    };

    public static IResult Result(HttpContext context, int status, string detail, params ReadOnlySpan<string> advice) =>
        TypedResults.Json(Create(context, status, detail, advice), ContractsJsonContext.Default.Problem, Problem.MediaType, status);

    public static Task WriteAsync(HttpContext context, int status, string detail, params ReadOnlySpan<string> advice) =>
        Result(context, status, detail, advice).ExecuteAsync(context);

    public static void RetryAfter(HttpContext context, TimeSpan delay) =>
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
