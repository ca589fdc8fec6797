using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Problems;
using TKA.Contracts;
using TKA.Contracts.Capabilities;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.Capabilities;

namespace TKA.Api.Sessions;

/// <summary>Which rule a login gets, for which session and how long. Creates nothing.</summary>
internal sealed partial class LoginPolicy(IOptions<ApiOptions> options, IOptions<TailscaleOptions> tailscale)
{
    // The limits of the TkaSignin schema; what it would refuse is better refused here, with words.
    private const int MaxUsername = 512;
    private const int MaxNamespaces = 256;
    private const int MaxRole = 253;

    /// <summary>The rule that applies to a caller.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">Role the caller names; <see langword="null"/> for the one that wins by priority.</param>
    /// <exception cref="ApiProblemException">None applies: 400, 403 or 422.</exception>
    public CapabilityRule Choose(TailscalePeer peer, string? role)
    {
        if (peer.Rules.Error is { } error)
        {
            throw Refused(TailscaleRefusals.Capability(error, tailscale.Value.CapName));
        }

        var selection = RuleSelection.Choose(peer.Rules.Items, role);
        if (TailscaleRefusals.Selection(selection, peer, tailscale.Value.CapName, role is null ? null : ApiProblems.Printable(role)) is { } refusal)
        {
            throw Refused(refusal);
        }

        return selection.Rule!;
    }

    /// <summary>What to ask of the cluster for a login.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="requested">What the caller asks for; <see langword="null"/>: what the grant gives.</param>
    /// <exception cref="ApiProblemException">Refused: 400, 403 or 422.</exception>
    public SessionRequest Decide(TailscalePeer peer, LoginRequest? requested)
    {
        var role = string.IsNullOrEmpty(requested?.Role) ? null : requested.Role;
        var rule = Choose(peer, role);
        RequireUsable(peer, rule);
        return new SessionRequest
        {
            Username = peer.LoginName,
            Role = rule.Role,

            // Without a single winner no role is the base session's by priority.
            IsWinner = role is null || RuleSelection.Choose(peer.Rules.Items).Rule?.Role == rule.Role,
            Period = Period(rule, requested?.Period),
            Namespaces = rule.Namespaces,
            NodeName = peer.NodeName,
            NodeId = peer.NodeStableId,
            Installation = options.Value.InstallationId,
        };
    }

    private TimeSpan Period(CapabilityRule rule, string? requested)
    {
        // The grant itself is checked first: asking for less does not make an impossible grant a good one.
        RequireInLimits(rule.Period);
        if (string.IsNullOrEmpty(requested))
        {
            return rule.Period;
        }

        if (!GoDuration.TryParse(requested, out var period))
        {
            throw new ApiProblemException(ApiProblems.PeriodUnreadable(requested));
        }

        if (period > rule.Period)
        {
            throw new ApiProblemException(ApiProblems.PeriodOverGrant(period, rule.Period));
        }

        RequireInLimits(period);
        return period;
    }

    private void RequireInLimits(TimeSpan period)
    {
        if (period < TkaSigninResource.MinimumPeriod)
        {
            throw new ApiProblemException(ApiProblems.PeriodTooShort(period, TkaSigninResource.MinimumPeriod));
        }

        if (period > options.Value.MaxPeriod)
        {
            throw new ApiProblemException(ApiProblems.PeriodOverLimit(period, options.Value.MaxPeriod));
        }
    }

    private static void RequireUsable(TailscalePeer peer, CapabilityRule rule)
    {
        if (rule.Role.Length > MaxRole || !DnsSubdomain().IsMatch(rule.Role))
        {
            throw Unusable($"The role '{ApiProblems.Printable(rule.Role)}' is not a name TKA binds: lower-case letters, digits, '-' and '.' only.");
        }

        if (rule.Namespaces.Count > MaxNamespaces)
        {
            throw Unusable($"The rule names {rule.Namespaces.Count} namespaces; {MaxNamespaces} are the most.");
        }

        if (peer.LoginName.Length > MaxUsername)
        {
            throw Unusable($"Your login name has {peer.LoginName.Length} characters; {MaxUsername} are the most.");
        }
    }

    private static ApiProblemException Unusable(string what) => new(ApiProblems.RuleUnusable(what));

    private static ApiProblemException Refused(TailscaleRefusal refusal) => new(ApiProblems.Refused(refusal));

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsSubdomain();
}
