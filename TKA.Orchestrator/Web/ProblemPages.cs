using Microsoft.Extensions.Options;
using TKA.Contracts.Rest;
using TKA.ServiceDefaults.Problems;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;
using TKA.Web.Layout;
using TKA.Web.Serving;

namespace TKA.Orchestrator.Web;

/// <summary>Shows the orchestrator's refusals and failures to browsers, with the same status and words.</summary>
internal sealed class ProblemPages(IOptions<TailscaleOptions> tailscale) : IProblemPage
{
    public IResult? Find(HttpContext context, Problem problem)
    {
        if (!context.Request.WantsPage())
        {
            return null;
        }

        return context.Features.Get<ITailscalePeerFeature>() is { Refusal.Reason: TailscaleRefusalReason.NoRule, Peer: { IsTagged: false } peer }
            ? Pages.NoGrant(new NoGrantModel
            {
                Person = ClustersPageBuilder.Person(peer),
                Problem = problem,
                Capability = tailscale.Value.CapName,
                Place = "Clusters",
            })
            : Pages.Problem(problem);
    }
}
