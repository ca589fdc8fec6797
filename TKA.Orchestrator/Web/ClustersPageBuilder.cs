using System.Globalization;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Contracts.Selectors;
using TKA.Orchestrator.Problems;
using TKA.Orchestrator.Registry;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;
using TKA.Web.Clusters;
using TKA.Web.Layout;

namespace TKA.Orchestrator.Web;

/// <summary>Puts together the page of the clusters.</summary>
internal sealed class ClustersPageBuilder(ClusterView view, ClusterRegistry registry, TimeProvider time)
{
    private const int PageSize = 50;

    /// <summary>The page, as the address of the request filters it.</summary>
    public ClustersPageModel Build(HttpContext context)
    {
        var asked = context.Request.Query;
        var text = asked["q"].ToString().Trim();
        var selector = asked["label_selector"].ToString().Trim();
        var (found, problem) = Select(view.List(static _ => true, after: null, limit: int.MaxValue).Items, text, selector);
        var pages = Math.Max(1, (found.Count + PageSize - 1) / PageSize);
        var page = int.TryParse(asked["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, pages) : 1;
        return new ClustersPageModel
        {
            Person = Person(context.GetTailscalePeer()),
            Server = context.GetServerOrigin(),
            Now = time.GetUtcNow(),
            Clusters = [.. found.Skip((page - 1) * PageSize).Take(PageSize)],
            Total = found.Count,
            Text = text,
            Selector = selector,
            Page = page,
            Pages = pages,
            Problem = problem,
            IsDegraded = registry.Problem is not null,
        };
    }

    /// <summary>The caller as pages name one; a tagged node by its tags.</summary>
    public static PersonModel Person(TailscalePeer peer) => new(peer.Principal, peer.IsTagged ? "" : peer.DisplayName, peer.NodeName);

    private static (IReadOnlyList<Cluster> Found, Problem? Problem) Select(IEnumerable<Cluster> clusters, string text, string selector)
    {
        try
        {
            var labels = LabelSelector.Parse(selector);
            return ([.. clusters.Where(cluster => Contains(cluster, text) && labels.Matches(cluster.Labels))], null);
        }
        catch (FormatException exception)
        {
            return ([], OrchestratorProblems.Selector(exception.Message));
        }
    }

    private static bool Contains(Cluster cluster, string text) =>
        cluster.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || cluster.Description.Contains(text, StringComparison.OrdinalIgnoreCase);
}
