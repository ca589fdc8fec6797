using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Tailscale.Authentication;

/// <summary>Answers a refusal as problem details.</summary>
internal static class TailscaleProblemWriter
{
    public static async Task WriteAsync(HttpContext context, TailscaleRefusal refusal)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            return;
        }

        response.StatusCode = refusal.Status;
        response.ContentType = Problem.MediaType;
        response.Headers.CacheControl = "no-store";
        if (refusal.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        var problem = refusal.ToProblem(context.Request.Path, Activity.Current?.TraceId.ToHexString());
        await JsonSerializer.SerializeAsync(response.Body, problem, ContractsJsonContext.Default.Problem, context.RequestAborted);
    }
}
