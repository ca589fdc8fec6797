namespace TKA.Tailscale.Authorization;

/// <summary>Names of the authorization policies that <c>AddTailscaleAuthentication</c> registers.</summary>
public static class TailscalePolicies
{
    /// <summary>A person, with or without rules. Tagged nodes are refused (400).</summary>
    public const string Person = "Tka.Person";

    /// <summary>A person with at least one readable rule.</summary>
    public const string AnyRule = "Tka.AnyRule";

    /// <summary>A person with a rule that says <c>"admin": true</c>.</summary>
    public const string Admin = "Tka.Admin";
}
