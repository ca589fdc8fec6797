using Microsoft.AspNetCore.Http.HttpResults;
using TKA.Api.ClusterInformation;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Tailscale;
using TKA.Tailscale.Authorization;

namespace TKA.Api.Endpoints;

/// <summary>What a person may ask without signing in.</summary>
internal static class InformationApi
{
    /// <summary>Maps <c>/cluster-info</c> and <c>/access</c>.</summary>
    public static RouteGroupBuilder MapInformationApi(this RouteGroupBuilder api)
    {
        api.MapGet("/cluster-info", ClusterInfoAsync)
            .RequireAuthorization(static policy => policy.Require(new TailscaleRequirement { Rule = true, Tagged = TaggedNodes.LetIn }))
            .WithName("GetClusterInfo")
            .WithTags(Tags.Information)
            .WithSummary("Get how to reach the cluster")
            .WithDescription("The Kubernetes API's URL and CA bundle, without any credential. Tagged nodes may ask too: the orchestrator is one.")
            .ProducesProblems(400, 403);
        api.MapGet("/access", Access)
            .RequireAuthorization(TailscalePolicies.AnyRule)
            .WithName("GetAccess")
            .WithTags(Tags.Information)
            .WithSummary("Ask what a login would give")
            .WithDescription("Your rules, which one wins and why. Creates nothing.")
            .ProducesProblems(400, 403);
        return api;
    }

    private static async Task<Ok<ClusterInfo>> ClusterInfoAsync(ClusterDescription source, CancellationToken cancellationToken) =>
        TypedResults.Ok(await source.GetAsync(cancellationToken));

    private static Ok<AccessResponse> Access(HttpContext context, AccessReview review) =>
        TypedResults.Ok(review.Of(context.GetTailscalePeer()));
}
