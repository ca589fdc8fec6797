using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Contracts.Capabilities;
using TKA.Contracts.Rest;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Sessions;

/// <summary>Explains what a login would give, creating nothing.</summary>
internal sealed class AccessReview(LoginPolicy policy, IOptions<ClusterOptions> options)
{
    /// <summary>The caller's rules, the winner first.</summary>
    /// <exception cref="Problems.ApiProblemException">No rule wins: 400 or 403, as a login would be answered.</exception>
    public AccessResponse Of(TailscalePeer peer)
    {
        var winner = policy.Choose(peer, null);
        var others = peer.Rules.Items
            .Distinct()
            .Where(rule => !rule.Equals(winner))
            .OrderByDescending(rule => rule.Priority)
            .ThenBy(rule => rule.Role, StringComparer.Ordinal);
        return new AccessResponse
        {
            Username = peer.LoginName,
            DisplayName = peer.DisplayName,
            Node = peer.NodeName,
            Role = winner.Role,
            Period = winner.Period,
            Namespaces = winner.Namespaces,
            Admin = peer.Rules.IsAdmin,
            Rules = [Describe(winner, true, Why(peer, winner)), .. others.Select(rule => Describe(rule, false, WhyNot(rule, winner)))],
        };
    }

    private static string Why(TailscalePeer peer, CapabilityRule winner) =>
        peer.Rules.Items.Distinct().Count() == 1
            ? "it is your only rule"
            : $"its priority {winner.Priority} is the highest";

    private static string WhyNot(CapabilityRule rule, CapabilityRule winner) =>
        rule.Role == winner.Role
            ? $"priority {rule.Priority} is below {winner.Priority}"
            : $"priority {rule.Priority} is below {winner.Priority}; ask for it with \"tka login --role {rule.Role}\"";

    private AccessRule Describe(CapabilityRule rule, bool wins, string why) => new()
    {
        Role = rule.Role,
        Period = rule.Period,
        Priority = rule.Priority,
        Namespaces = rule.Namespaces,
        Admin = rule.Admin,
        Wins = wins,
        Why = why,
        Refusal = options.Value.Roles.Refusal(rule.Role, rule.Namespaces) ?? "",
    };
}
