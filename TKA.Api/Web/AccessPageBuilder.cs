using System.Globalization;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.History;
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
    AccessReview review, OwnAccess access, SessionQuery query, OperatorHistoryClient history, IOptions<ClusterOptions> names, ClusterTime time)
{
    private const string PageSize = "50";

    /// <summary>The page of the caller, who has at least one rule.</summary>
    /// <exception cref="ApiProblemException">The sessions cannot be read now, or the address of the page cannot be understood.</exception>
    public async Task<AccessPageModel> BuildAsync(HttpContext context)
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
            History = peer.Rules.IsAdmin ? await HistoryAsync(context.Request.Query, context.RequestAborted) : null,
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

    private async Task<HistoryModel> HistoryAsync(IQueryCollection asked, CancellationToken cancellationToken)
    {
        var model = new HistoryModel
        {
            User = asked["user"].ToString().Trim(),
            Role = asked["role"].ToString().Trim(),
            From = asked["from"].ToString().Trim(),
            To = asked["to"].ToString().Trim(),
            IsContinued = asked["before"].ToString().Length > 0,
        };
        if (!TryDay(model.From, out var from) || !TryDay(model.To, out var to))
        {
            return model with { Problem = "Write days like 2026-11-24." };
        }

        var answer = await history.ReadAsync(new HistoryQuery(model.User, model.Role, from, to, asked["before"].ToString()), cancellationToken);
        return model with { Items = answer.History?.Items ?? [], Continue = answer.History?.Continue, Problem = answer.Problem };
    }

    private static bool TryDay(string text, out DateOnly? day)
    {
        day = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) ? parsed : null;
        return text.Length == 0 || day is not null;
    }
}
