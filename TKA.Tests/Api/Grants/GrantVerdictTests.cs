using CsCheck;
using TKA.Api.Grants;
using TKA.Contracts;
using TKA.Contracts.Capabilities;
using TKA.Contracts.Sessions;
using Xunit;

namespace TKA.Tests.Api.Grants;

public class GrantVerdictTests
{
    [Fact]
    public void A_rule_that_covers_the_session_changes_nothing() =>
        Assert.Equal(GrantOutcome.Unchanged, GrantVerdict.Of(Session("view", 8), [Rule("view", 8)]).Outcome);

    [Fact]
    public void A_rule_that_grew_extends_nothing() =>
        Assert.Equal(GrantOutcome.Unchanged, GrantVerdict.Of(Session("view", 2, "a"), [Rule("view", 8)]).Outcome);

    [Fact]
    public void Without_a_rule_the_session_ends() =>
        Assert.Equal(GrantOutcome.Gone, GrantVerdict.Of(Session("view", 8), []).Outcome);

    [Fact]
    public void A_rule_of_another_role_does_not_keep_it() =>
        Assert.Equal(GrantOutcome.Gone, GrantVerdict.Of(Session("admin", 8), [Rule("view", 8)]).Outcome);

    [Fact]
    public void A_shorter_period_shortens_it()
    {
        var verdict = GrantVerdict.Of(Session("view", 8), [Rule("view", 2)]);

        Assert.Equal((GrantOutcome.Smaller, TimeSpan.FromHours(2)), (verdict.Outcome, verdict.Period));
    }

    [Fact]
    public void Fewer_namespaces_take_the_others_away()
    {
        var verdict = GrantVerdict.Of(Session("view", 8, "a", "b", "c"), [Rule("view", 8, 0, "b", "c", "d")]);

        Assert.Equal(GrantOutcome.Smaller, verdict.Outcome);
        Assert.Equal(["b", "c"], verdict.Namespaces);
        Assert.Equal(TimeSpan.FromHours(8), verdict.Period);
    }

    [Fact]
    public void The_whole_cluster_becomes_namespaces()
    {
        var verdict = GrantVerdict.Of(Session("view", 8), [Rule("view", 8, 0, "a")]);

        Assert.Equal(GrantOutcome.Smaller, verdict.Outcome);
        Assert.Equal(["a"], verdict.Namespaces);
    }

    [Fact]
    public void Namespaces_without_any_in_common_end_it() =>
        Assert.Equal(GrantOutcome.Gone, GrantVerdict.Of(Session("view", 8, "a"), [Rule("view", 8, 0, "b")]).Outcome);

    [Fact]
    public void Any_covering_rule_keeps_it_whatever_its_priority() =>
        Assert.Equal(GrantOutcome.Unchanged, GrantVerdict.Of(Session("view", 8), [Rule("view", 1, 100), Rule("view", 8, 1)]).Outcome);

    [Fact]
    public void A_period_under_the_minimum_gives_nothing() =>
        Assert.Equal(GrantOutcome.Gone, GrantVerdict.Of(Session("view", 8), [Rule("view", 0.1)]).Outcome);

    [Fact]
    public void Never_gives_more_than_session_and_some_rule_both_allow()
    {
        var names = OneOf("a", "b", "c").Array[0, 3].Select(array => array.Distinct().Order().ToArray());
        var rules = Gen.Select(OneOf("view", "edit"), Gen.Int[1, 24], Gen.Int[0, 3], names)
            .Select((role, hours, priority, namespaces) => Rule(role, hours, priority, namespaces)).Array[0, 4];
        Gen.Select(OneOf("view", "edit"), Gen.Int[1, 24], names, rules).Sample((role, hours, namespaces, given) =>
        {
            var session = Session(role, hours, namespaces);
            var verdict = GrantVerdict.Of(session, given);
            return verdict.Outcome switch
            {
                GrantOutcome.Unchanged => given.Any(rule => Covers(rule, role, TimeSpan.FromHours(hours), namespaces)),
                GrantOutcome.Smaller => verdict.Period <= TimeSpan.FromHours(hours)
                    && Within(verdict.Namespaces, namespaces)
                    && given.Any(rule => Covers(rule, role, verdict.Period, verdict.Namespaces)),
                _ => !given.Any(rule => Covers(rule, role, TimeSpan.FromHours(hours), namespaces)),
            };
        });
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static bool Covers(CapabilityRule rule, string role, TimeSpan period, IReadOnlyList<string> namespaces) =>
        rule.Role == role && rule.Period >= period && Within(namespaces, rule.Namespaces);

    private static bool Within(IReadOnlyList<string> inner, IReadOnlyList<string> outer) =>
        outer.Count == 0 || (inner.Count > 0 && inner.All(outer.Contains));

    private static TkaSigninSpec Session(string role, double hours, params string[] namespaces) => new()
    {
        Username = "alice@example.com",
        Role = role,
        ValidityPeriod = GoDuration.Format(TimeSpan.FromHours(hours)),
        Namespaces = namespaces.Length > 0 ? namespaces : null,
    };

    private static CapabilityRule Rule(string role, double hours, int priority = 0, params string[] namespaces) =>
        new() { Role = role, Period = TimeSpan.FromHours(hours), Priority = priority, Namespaces = namespaces };
}
