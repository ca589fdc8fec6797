using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Problems;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;
using TKA.Web.Access;
using TKA.Web.Layout;

namespace TKA.Api.Web;

/// <summary>Puts together what a person sees of their access.</summary>
internal sealed class AccessPageBuilder(
    AccessReview review, OwnAccess access, SessionQuery query, IOptions<ClusterOptions> names, ClusterTime time)
{
    private const string PageSize = "50";

    /// <summary>The page of the caller, who has at least one rule.</summary>
    /// <exception cref="ApiProblemException">The sessions cannot be read now, or the address of the page cannot be understood.</exception>
    public AccessPageModel Build(HttpContext context)
    {
        var peer = context.GetTailscalePeer();
        var (rules, problem) = Review(peer);
        return new AccessPageModel
        {
            Person = Person(peer),
            Cluster = names.Value.ClusterName,
            Server = context.GetServerOrigin(),
            Now = time.GetUtcNow(),
            Rules = rules,
            Problem = problem,
            Sessions = access.List(peer),
            Notice = Notices.Of(context.Request),
            Everyone = peer.Rules.IsAdmin ? Everyone(context.Request.Query) : null,
        };
    }

    /// <summary>The caller as pages name one.</summary>
    public static PersonModel Person(TailscalePeer peer) => new(peer.LoginName, peer.DisplayName, peer.NodeName);

    /// <summary>The rules and, when none of them wins, why: a role can be chosen all the same.</summary>
    private (IReadOnlyList<AccessRule> Rules, Problem? Problem) Review(TailscalePeer peer)
    {
        try
        {
            return (review.Of(peer).Rules, null);
        }
        catch (ApiProblemException exception)
        {
            var rules = peer.Rules.Items.Distinct().OrderByDescending(rule => rule.Priority).Select(rule => new AccessRule
            {
                Role = rule.Role,
                Period = rule.Period,
                Priority = rule.Priority,
                Namespaces = rule.Namespaces,
                Admin = rule.Admin,
            });
            return ([.. rules], exception.Problem.ToDocument());
        }
    }

    private EveryoneModel Everyone(IQueryCollection asked)
    {
        var user = asked["user"].ToString().Trim();
        var role = asked["role"].ToString().Trim();
        var token = asked["continue"].ToString();
        return new EveryoneModel
        {
            List = query.List(user, role, PageSize, token),
            User = user,
            Role = role,
            IsContinued = token.Length > 0,
        };
    }
}
