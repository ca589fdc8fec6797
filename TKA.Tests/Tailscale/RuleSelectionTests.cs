using CsCheck;
using TKA.Contracts.Capabilities;
using TKA.Tailscale.Capabilities;
using Xunit;

namespace TKA.Tests.Tailscale;

public sealed class RuleSelectionTests
{
    private static readonly Gen<CapabilityRule> AnyRule =
        Gen.Select(OneOf("view", "edit", "admin"), Gen.Int[1, 3], Gen.Int[0, 2], Gen.Bool, OneOf("", "team-a"))
            .Select((role, hours, priority, admin, space) => new CapabilityRule
            {
                Role = role,
                Period = TimeSpan.FromHours(hours),
                Priority = priority,
                Admin = admin,
                Namespaces = space.Length == 0 ? [] : [space],
            });

    private static readonly Gen<List<CapabilityRule>> AnyRules = AnyRule.List[0, 6];

    [Fact]
    public void No_rule_gives_none() => Assert.Equal(RuleOutcome.NoRule, RuleSelection.Choose([]).Outcome);

    [Fact]
    public void The_highest_priority_wins() =>
        Assert.Equal("edit", RuleSelection.Choose([Rule("view", 1), Rule("edit", 2), Rule("admin", -3)]).Rule!.Role);

    [Fact]
    public void Identical_rules_count_once() =>
        Assert.Equal("view", RuleSelection.Choose([Rule("view", 1), Rule("view", 1)]).Rule!.Role);

    [Fact]
    public void Different_rules_at_the_top_are_a_conflict_even_of_one_role()
    {
        var selection = RuleSelection.Choose([Rule("view", 1, "team-a"), Rule("view", 1, "team-b"), Rule("edit", 0)]);

        Assert.Equal(RuleOutcome.Conflict, selection.Outcome);
        Assert.Null(selection.Rule);
        Assert.Equal(2, selection.Conflicting.Count);
    }

    [Fact]
    public void A_named_role_solves_a_conflict_of_roles() =>
        Assert.Equal("edit", RuleSelection.Choose([Rule("view", 1), Rule("edit", 1)], "edit").Rule!.Role);

    [Fact]
    public void A_role_that_is_not_granted_is_not_given() =>
        Assert.Equal(RuleOutcome.RoleNotGranted, RuleSelection.Choose([Rule("view", 1)], "cluster-admin").Outcome);

    [Fact]
    public void What_is_given_was_granted() => AnyRules.Sample(rules =>
    {
        var selection = RuleSelection.Choose(rules);
        return selection.Rule is null == (selection.Outcome != RuleOutcome.Selected)
            && (selection.Rule is null || (rules.Contains(selection.Rule) && selection.Rule.Priority == rules.Max(rule => rule.Priority)));
    });

    [Fact]
    public void The_order_of_grants_does_not_matter() =>
        Gen.Select(AnyRules, Gen.Int).Sample((rules, seed) =>
        {
            var shuffled = rules.ToArray();
            new Random(seed).Shuffle(shuffled);
            var (left, right) = (RuleSelection.Choose(rules), RuleSelection.Choose(shuffled));
            return left.Outcome == right.Outcome && Equals(left.Rule, right.Rule);
        });

    [Fact]
    public void Granting_the_same_again_changes_nothing() => AnyRules.Sample(rules =>
    {
        var (once, twice) = (RuleSelection.Choose(rules), RuleSelection.Choose([.. rules, .. rules]));
        return once.Outcome == twice.Outcome && Equals(once.Rule, twice.Rule);
    });

    [Fact]
    public void Naming_a_role_never_gives_another() =>
        Gen.Select(AnyRules, OneOf("view", "edit", "admin", "cluster-admin")).Sample((rules, role) =>
            RuleSelection.Choose(rules, role).Rule is not { } rule || (rule.Role == role && rules.Contains(rule)));

    private static CapabilityRule Rule(string role, int priority, params string[] namespaces) =>
        new() { Role = role, Period = TimeSpan.FromHours(1), Priority = priority, Namespaces = namespaces };

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
