using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Tailscale;
using TKA.Tailscale.Authorization;

namespace TKA.Api.Endpoints;

/// <summary>Everybody's sessions, for admins of TKA.</summary>
internal static class SessionsApi
{
    /// <summary>Maps <c>/sessions</c>.</summary>
    public static RouteGroupBuilder MapSessionsApi(this RouteGroupBuilder api)
    {
        var sessions = api.MapGroup("/sessions").RequireAuthorization(TailscalePolicies.Admin).WithTags(Tags.Admin);
        sessions.MapGet("", List)
            .WithName("ListSessions")
            .WithSummary("List who has access now")
            .WithDescription("By name, at most limit (default 100, at most 500) at a time.")
            .ProducesProblems(400, 403);
        sessions.MapDelete("/{name}", EndAsync)
            .WithName("EndSession")
            .WithSummary("End a session now")
            .WithDescription("That session's access is revoked at once, the person's other sessions live on; nothing keeps them from signing in again as long as the grant stands.")
            .ProducesProblems(400, 403, 404);
        return api;
    }

    private static Ok<SessionList> List(
        SessionQuery query, string? user, string? role, string? limit, [FromQuery(Name = "continue")] string? token) =>
        TypedResults.Ok(query.List(user, role, limit, token));

    private static async Task<NoContent> EndAsync(HttpContext context, LogoutService logout, string name, CancellationToken cancellationToken)
    {
        await logout.ByNameAsync(name, context.GetTailscalePeer(), cancellationToken);
        return TypedResults.NoContent();
    }
}
