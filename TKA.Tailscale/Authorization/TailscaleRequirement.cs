using Microsoft.AspNetCore.Authorization;

namespace TKA.Tailscale.Authorization;

/// <summary>What a policy asks of the caller beyond being known.</summary>
public sealed class TailscaleRequirement : IAuthorizationRequirement
{
    /// <summary>Whether a tagged node will do. What else is asked for is asked of it too.</summary>
    public bool AllowTagged { get; init; }

    /// <summary>Whether at least one rule is needed.</summary>
    public bool Rule { get; init; }

    /// <summary>Whether a rule with <c>"admin": true</c> is needed.</summary>
    public bool Admin { get; init; }
}
