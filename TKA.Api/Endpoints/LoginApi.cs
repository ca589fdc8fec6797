using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using TKA.Api.Http;
using TKA.Api.Problems;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tailscale;
using TKA.Tailscale.Authorization;

namespace TKA.Api.Endpoints;

/// <summary>Signing in, asking how far it is, signing out.</summary>
internal static class LoginApi
{
    /// <summary>Maps <c>/login</c> and <c>/logout</c>.</summary>
    public static RouteGroupBuilder MapLoginApi(this RouteGroupBuilder api)
    {
        api.MapPost("/login", LoginAsync)
            .RequireAuthorization(TailscalePolicies.AnyRule)
            .WithName("Login")
            .WithTags(Tags.Session)
            .WithSummary("Sign in")
            .WithDescription("Creates your session of a role or renews it from now. Without a body you get your base session, by the granted rule of the highest priority for its whole period. Another granted role gives a session beside it; you can have 8 at a time.")
            .ProducesProblems(400, 403, 409, 413, 415, 422);
        api.MapGet("/login", StatusAsync)
            .RequireAuthorization(TailscalePolicies.AnyRule)
            .CanWait()
            .WithName("GetLogin")
            .WithTags(Tags.Session)
            .WithSummary("Ask how far your login is")
            .WithDescription("200 once the operator is done with it, refused sessions included (status \"rejected\"). Of your base session, or with role of the session of that role; with all=true a list of all your sessions, at once.")
            .ProducesProblems(400, 401, 403, 409);
        api.MapPost("/logout", LogoutAsync)
            .RequireAuthorization(TailscalePolicies.Person)
            .WithName("Logout")
            .WithTags(Tags.Session)
            .WithSummary("Sign out")
            .WithDescription("Ends your base session, or with role the session of that role, or with all=true every session of yours. Needs no grant: giving up access must not depend on having it.")
            .ProducesProblems(400, 403, 404, 409);
        return api;
    }

    private static async Task<Accepted<SessionResponse>> LoginAsync(
        HttpContext context,
        LoginService login,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] LoginRequest? request,
        CancellationToken cancellationToken)
    {
        var session = await login.ExecuteAsync(context.GetTailscalePeer(), request, cancellationToken);
        return TypedResults.Accepted(ApiRoutes.Login, session);
    }

    private static async Task<Results<Ok<SessionResponse>, OwnSessions, Accepted<SessionResponse>>> StatusAsync(
        HttpContext context, SessionQuery query, NotReady notReady, ClusterTime time, string? role, bool? all, CancellationToken cancellationToken)
    {
        var peer = context.GetTailscalePeer();
        if (OwnSessions.AreMeant(role, all))
        {
            var own = query.AllOwn(peer).Select(one => SessionView.Response(one.Session!, time.GetUtcNow(), one.State));
            return new OwnSessions(new OwnSessionList { Items = [.. own] });
        }

        var (session, state) = await query.OwnAsync(peer, role, PreferWait.Apply(context), cancellationToken);
        return state switch
        {
            SessionState.Over => throw new ApiProblemException(ApiProblems.NotSignedIn(peer.LoginName, role)),
            SessionState.Pending => notReady.Answer(context, session!),
            _ => TypedResults.Ok(SessionView.Response(session!, time.GetUtcNow(), state)),
        };
    }

    private static async Task<Results<Ok<SessionResponse>, OwnSessions>> LogoutAsync(
        HttpContext context, LogoutService logout, string? role, bool? all, CancellationToken cancellationToken)
    {
        var peer = context.GetTailscalePeer();
        return OwnSessions.AreMeant(role, all)
            ? new OwnSessions(await logout.AllOwnAsync(peer, cancellationToken))
            : TypedResults.Ok(await logout.OwnAsync(peer, role, cancellationToken));
    }
}
