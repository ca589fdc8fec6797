using System.Globalization;
using Microsoft.Extensions.Options;
using TKA.Contracts;
using TKA.Contracts.Operator;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;
using TKA.Operator.Tokens;
using TKA.ServiceDefaults.Problems;
using TKA.State;

namespace TKA.Operator.Ledger;

/// <summary><c>GET /v1/history</c>: who had which role when. For <c>operator:tokenService:historyReaders</c>: auditors, and the API for its admins.</summary>
internal static class HistoryEndpoint
{
    /// <summary>As many as fit beside everything else an operator with little memory has to keep.</summary>
    private const int MostSessions = 20_000;

    public static void MapHistory(this IEndpointRouteBuilder routes) =>
        routes.MapGet(OperatorRoutes.History, QueryAsync)
            .RequireAuthorization(TokenServicePolicies.ReadHistory)
            .RequireRateLimiting(TokenServicePolicies.Histories);

    /// <param name="context">The request.</param>
    /// <param name="options">Retention.</param>
    /// <param name="time">Clock.</param>
    /// <param name="from">RFC 3339 time or date; default: a day before <paramref name="to"/>.</param>
    /// <param name="to">RFC 3339 time or date; default: now.</param>
    /// <param name="at">One moment instead of a span.</param>
    /// <param name="user">Full login name.</param>
    /// <param name="role">ClusterRole.</param>
    /// <param name="limit">Sessions of a page, the newest first; default: all that were asked for, the oldest first.</param>
    /// <param name="continue">From the answer before.</param>
    private static async Task<IResult> QueryAsync(
        HttpContext context, IOptions<LedgerOptions> options, ClusterTime time, string? from, string? to, string? at, string? user, string? role, string? limit, string? @continue)
    {
        if (context.RequestServices.GetService<LedgerStore>() is not { } ledger)
        {
            return Problems.Result(StatusCodes.Status501NotImplemented, "This operator keeps no ledger.", "Give it a Dapr sidecar (DAPR_GRPC_ENDPOINT).");
        }

        var now = time.GetUtcNow();
        if (!TryTime(at, null, out var moment) || !TryTime(to, moment ?? now, out var end) || !TryTime(from, moment ?? (end - TimeSpan.FromDays(1)), out var start))
        {
            return Problems.Result(StatusCodes.Status400BadRequest, "from, to and at are times like 2026-11-24T08:00:00Z or dates like 2026-11-24.");
        }

        if (start > end)
        {
            return Problems.Result(StatusCodes.Status400BadRequest, "from is after to.");
        }

        if (!TryPage(limit, @continue, out var size, out var after))
        {
            return Problems.Result(StatusCodes.Status400BadRequest, "The page cannot be understood.", "Write limit as a number of 1 or more, and continue as the answer before had it; leave continue out to begin with the newest.");
        }

        // Nothing older is kept, and a span without bound would be a request without bound.
        var oldest = now - TimeSpan.FromDays(options.Value.RetentionDays + 1);
        var newest = now + TimeSpan.FromDays(8);
        try
        {
            var records = await ledger.HistoryAsync(start < oldest ? oldest : start!.Value, end > newest ? newest : end!.Value, context.RequestAborted, MostSessions);
            if (records is null)
            {
                return Problems.Result(StatusCodes.Status400BadRequest, $"More than {MostSessions} sessions lived in those days.", "Ask for fewer days at a time.");
            }

            var items = records
                .Where(record => user is null || string.Equals(record.Username, user, StringComparison.OrdinalIgnoreCase))
                .Where(record => role is null || record.Grants.Any(grant => grant.Role == role && grant.From <= end && grant.Until >= start))
                .ToArray();
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.Json(size is { } page ? HistoryPage.Of(items, page, after) : HistoryPage.All(items), ContractsJsonContext.Default.SessionHistory);
        }
        catch (StateUnavailableException)
        {
            ProblemWriter.SetRetryAfter(context.Response, TimeSpan.FromSeconds(5));
            return Problems.Result(StatusCodes.Status503ServiceUnavailable, "The ledger cannot be read now.", "Check the Dapr sidecar, then try again.");
        }
    }

    private static bool TryPage(string? limit, string? token, out int? size, out HistoryPage.Position? after)
    {
        (size, after) = (null, null);
        if (!string.IsNullOrEmpty(limit))
        {
            if (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
            {
                return false;
            }

            size = Math.Min(number, HistoryPage.Largest);
        }

        if (string.IsNullOrEmpty(token))
        {
            return true;
        }

        var isPosition = HistoryPage.Position.TryParse(token, out var position);
        after = position;
        return isPosition && size is not null;
    }

    private static bool TryTime(string? text, DateTimeOffset? otherwise, out DateTimeOffset? value)
    {
        value = otherwise;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var parsed))
        {
            return false;
        }

        value = parsed;
        return true;
    }
}
