using Microsoft.AspNetCore.Authorization;
using TKA.Tailscale;
using TKA.Tailscale.Authorization;

namespace TKA.Orchestrator.Endpoints;

/// <summary>Who may do what in the registry.</summary>
internal static class Policies
{
    /// <summary>Anybody, tagged nodes too, whom a grant gives any rule.</summary>
    public const string Read = "Orchestrator.Read";

    /// <summary>A tagged node, or a person with an admin rule.</summary>
    public const string Register = "Orchestrator.Register";

    public static void AddOrchestratorPolicies(this AuthorizationBuilder authorization) => authorization
        .AddPolicy(Read, policy => policy.Require(new TailscaleRequirement { Rule = true, Tagged = TaggedNodes.LikePersons }))
        .AddPolicy(Register, policy => policy.Require(new TailscaleRequirement { Admin = true, Tagged = TaggedNodes.LetIn }));
}
