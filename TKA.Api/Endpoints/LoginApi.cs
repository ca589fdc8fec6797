using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using TKA.Api.Http;
using TKA.Api.Problems;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
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
            .WithDescription("Creates your session or renews it from now. Without a body you get the granted rule of the highest priority for its whole period.")
            .ProducesProblems(400, 403, 409, 413, 415, 422);
        api.MapGet("/login", StatusAsync)
            .RequireAuthorization(TailscalePolicies.AnyRule)
            .CanWait()
            .WithName("GetLogin")
            .WithTags(Tags.Session)
            .WithSummary("Ask how far your login is")
            .WithDescription("200 once the operator is done with it, refused sessions included (status \"rejected\").")
            .ProducesProblems(400, 401, 403, 409);
        api.MapPost("/logout", LogoutAsync)
            .RequireAuthorization(TailscalePolicies.Person)
            .WithName("Logout")
            .WithTags(Tags.Session)
            .WithSummary("Sign out")
            .WithDescription("Ends your session. Needs no grant: giving up access must not depend on having it.")
            .ProducesProblems(400, 403, 404, 409);
        return api;
    }

    private static async Task<Accepted<SessionResponse>> LoginAsync(
        HttpContext context,
        SignIn signIn,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] LoginRequest? request,
        CancellationToken cancellationToken)
    {
        var session = await signIn.ExecuteAsync(context.GetTailscalePeer(), request, cancellationToken);
        return TypedResults.Accepted(ApiRoutes.Login, session);
    }

    private static async Task<Results<Ok<SessionResponse>, Accepted<SessionResponse>>> StatusAsync(
        HttpContext context, SessionQuery query, NotReady notReady, CancellationToken cancellationToken)
    {
        var peer = context.GetTailscalePeer();
        var (session, state) = await query.OwnAsync(peer, PreferWait.Apply(context), cancellationToken);
        return state switch
        {
            SessionState.None => throw new ApiProblemException(ApiProblems.NotSignedIn(peer.LoginName)),
            SessionState.Pending => notReady.Answer(context, session!),
            _ => TypedResults.Ok(SessionView.Response(session!, state)),
        };
    }

    private static async Task<Ok<SessionResponse>> LogoutAsync(HttpContext context, SignOut signOut, CancellationToken cancellationToken) =>
        TypedResults.Ok(await signOut.OwnAsync(context.GetTailscalePeer(), cancellationToken));
}
