using Microsoft.AspNetCore.Authorization;

namespace TKA.Tailscale.Authorization;

/// <summary>What a policy asks of the caller beyond being known.</summary>
public sealed class TailscaleRequirement : IAuthorizationRequirement
{
    /// <summary>What becomes of tagged nodes. Default: refused, for there is no person behind them.</summary>
    public TaggedNodes Tagged { get; init; }

    /// <summary>Whether at least one rule is needed.</summary>
    public bool Rule { get; init; }

    /// <summary>Whether a rule with <c>"admin": true</c> is needed.</summary>
    public bool Admin { get; init; }
}

/// <summary>How a policy treats tagged nodes.</summary>
public enum TaggedNodes
{
    /// <summary>Refused (400).</summary>
    Refused,

    /// <summary>Asked for the same rules as a person.</summary>
    LikePersons,

    /// <summary>Let in for being tagged: what else the policy asks is asked of persons only.</summary>
    LetIn,
}
