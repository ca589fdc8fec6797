using TKA.Contracts;
using TKA.Contracts.Capabilities;
using TKA.Contracts.Sessions;

namespace TKA.Api.Grants;

/// <summary>What the rules of today leave of a session.</summary>
/// <param name="Outcome">Whether anything changes.</param>
/// <param name="Period">Longest period now, when <see cref="GrantOutcome.Smaller"/>.</param>
/// <param name="Namespaces">Namespaces now, when <see cref="GrantOutcome.Smaller"/>; empty: cluster-wide.</param>
internal sealed record GrantVerdict(GrantOutcome Outcome, TimeSpan Period, IReadOnlyList<string> Namespaces)
{
    private static readonly GrantVerdict Unchanged = new(GrantOutcome.Unchanged, TimeSpan.Zero, []);
    private static readonly GrantVerdict Gone = new(GrantOutcome.Gone, TimeSpan.Zero, []);

    /// <summary>
    /// Compares a session with the rules. A rule that still covers all of the session leaves it alone; otherwise the rule
    /// of the session's role that leaves most of it, highest priority first, narrows it. Never widens, never extends.
    /// </summary>
    public static GrantVerdict Of(TkaSigninSpec session, IEnumerable<CapabilityRule> rules)
    {
        if (!GoDuration.TryParse(session.ValidityPeriod, out var period))
        {
            // Not written by us, and the operator refuses it.
            return Unchanged;
        }

        IReadOnlyList<string> namespaces = session.Namespaces ?? [];
        GrantVerdict? best = null;
        foreach (var rule in rules.Where(rule => rule.Role == session.Role).OrderByDescending(rule => rule.Priority))
        {
            if (Remaining(namespaces, rule.Namespaces) is not { } remaining)
            {
                continue;
            }

            if (rule.Period >= period && SameSet(remaining, namespaces))
            {
                return Unchanged;
            }

            // A period under the minimum is no session; such a rule gives nothing.
            if (rule.Period >= TkaSigninResource.MinimumPeriod)
            {
                best ??= new GrantVerdict(GrantOutcome.Smaller, rule.Period < period ? rule.Period : period, remaining);
            }
        }

        return best ?? Gone;
    }

    /// <summary>What of a session's namespaces a rule covers; an empty list means the whole cluster. <see langword="null"/>: nothing.</summary>
    private static IReadOnlyList<string>? Remaining(IReadOnlyList<string> session, IReadOnlyList<string> rule)
    {
        if (rule.Count == 0)
        {
            return session;
        }

        if (session.Count == 0)
        {
            return rule;
        }

        var both = session.Intersect(rule, StringComparer.Ordinal).ToArray();
        return both.Length == 0 ? null : both;
    }

    private static bool SameSet(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
        left.Count == right.Count && left.All(right.Contains);
}

/// <summary>Whether a grant still covers a session.</summary>
internal enum GrantOutcome
{
    /// <summary>It does.</summary>
    Unchanged,

    /// <summary>It covers less.</summary>
    Smaller,

    /// <summary>It covers nothing of it.</summary>
    Gone,
}
