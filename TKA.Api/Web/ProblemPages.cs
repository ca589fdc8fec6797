using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Contracts.Rest;
using TKA.ServiceDefaults.Problems;
using TKA.Tailscale;
using TKA.Web.Serving;

namespace TKA.Api.Web;

/// <summary>Shows the API's refusals and failures to browsers, with the same status and words.</summary>
internal sealed class ProblemPages(IOptions<TailscaleOptions> tailscale, IOptions<ClusterOptions> names) : IProblemPage
{
    public IResult? Find(HttpContext context, Problem problem) =>
        Pages.Refusal(context, problem, context.PersonWithoutGrant() is { } peer ? AccessPageBuilder.Person(peer) : null, tailscale.Value.CapName, names.Value.ClusterName);
}
