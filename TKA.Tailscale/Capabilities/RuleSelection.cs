using TKA.Contracts.Capabilities;

namespace TKA.Tailscale.Capabilities;

/// <summary>
/// Which rule applies: the highest priority wins, unless the caller names a role. Identical rules count once. Two
/// different rules at the highest priority are a conflict, never a guess.
/// </summary>
public sealed record RuleSelection
{
    private RuleSelection(RuleOutcome outcome) => Outcome = outcome;

    /// <summary>How it went.</summary>
    public RuleOutcome Outcome { get; }

    /// <summary>The rule that applies; set only when <see cref="Outcome"/> is <see cref="RuleOutcome.Selected"/>.</summary>
    public CapabilityRule? Rule { get; private init; }

    /// <summary>The rules that share the highest priority, when they conflict.</summary>
    public IReadOnlyList<CapabilityRule> Conflicting { get; private init; } = [];

    /// <summary>Chooses. Pure: the order of the rules does not matter.</summary>
    /// <param name="rules">All rules of the caller.</param>
    /// <param name="role">Role the caller names; <see langword="null"/> for the one that wins by priority.</param>
    public static RuleSelection Choose(IEnumerable<CapabilityRule> rules, string? role = null)
    {
        var distinct = rules.Distinct().ToArray();
        if (distinct.Length == 0)
        {
            return new RuleSelection(RuleOutcome.NoRule);
        }

        var candidates = role is null ? distinct : distinct.Where(rule => rule.Role == role).ToArray();
        if (candidates.Length == 0)
        {
            return new RuleSelection(RuleOutcome.RoleNotGranted);
        }

        var highest = candidates.Max(rule => rule.Priority);
        var winners = candidates.Where(rule => rule.Priority == highest).ToArray();
        return winners.Length == 1
            ? new RuleSelection(RuleOutcome.Selected) { Rule = winners[0] }
            : new RuleSelection(RuleOutcome.Conflict) { Conflicting = winners };
    }
}

/// <summary>Outcomes of choosing a rule.</summary>
public enum RuleOutcome
{
    /// <summary>One rule applies.</summary>
    Selected,

    /// <summary>The caller has no rule at all.</summary>
    NoRule,

    /// <summary>The caller has rules, none with the role named.</summary>
    RoleNotGranted,

    /// <summary>Different rules share the highest priority.</summary>
    Conflict,
}
