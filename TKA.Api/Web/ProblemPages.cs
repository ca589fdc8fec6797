using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Contracts.Rest;
using TKA.ServiceDefaults.Problems;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;
using TKA.Web.Layout;
using TKA.Web.Serving;

namespace TKA.Api.Web;

/// <summary>Shows the API's refusals and failures to browsers, with the same status and words.</summary>
internal sealed class ProblemPages(IOptions<TailscaleOptions> tailscale, IOptions<ClusterOptions> names) : IProblemPage
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
                Person = AccessPageBuilder.Person(peer),
                Problem = problem,
                Capability = tailscale.Value.CapName,
                Place = names.Value.ClusterName,
            })
            : Pages.Problem(problem);
    }
}
