using Microsoft.Extensions.Options;
using TKA.Contracts.Rest;
using TKA.ServiceDefaults.Problems;
using TKA.Tailscale;
using TKA.Web.Serving;

namespace TKA.Orchestrator.Web;

/// <summary>Shows the orchestrator's refusals and failures to browsers, with the same status and words.</summary>
internal sealed class ProblemPages(IOptions<TailscaleOptions> tailscale) : IProblemPage
{
    public IResult? Find(HttpContext context, Problem problem) =>
        Pages.Refusal(context, problem, context.PersonWithoutGrant() is { } peer ? ClustersPageBuilder.Person(peer) : null, tailscale.Value.CapName, "Clusters");
}
