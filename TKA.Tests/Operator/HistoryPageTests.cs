using TKA.Contracts.Operator;
using TKA.Operator.Ledger;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Pages of the history, as the API asks for them.</summary>
public sealed class HistoryPageTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100)]
    public void Every_session_is_on_one_page_the_newest_first_also_those_that_began_together(int limit)
    {
        // Ten sessions, in pairs that began in the same moment.
        var records = Enumerable.Range(0, 10).Select(i => Record($"u{i}", Granted(i / 2 * 10))).ToArray();
        var seen = new List<string>();
        HistoryPage.Position? after = null;
        SessionHistory page;
        do
        {
            page = HistoryPage.Of(records, limit, after);
            Assert.True(page.Items.Count <= limit);
            seen.AddRange(page.Items.Select(item => item.Uid));
            after = page.Continue is { } text && HistoryPage.Position.TryParse(text, out var position) ? position : null;
        }
        while (page.Continue is not null);

        Assert.Equal(["u8", "u9", "u6", "u7", "u4", "u5", "u2", "u3", "u0", "u1"], seen);
    }

    [Fact]
    public void Renewals_are_one_grant_and_another_role_other_namespaces_or_a_gap_begin_another()
    {
        LedgerGrant[] grants =
        [
            .. Enumerable.Range(0, 1000).Select(i => Granted(i) with { Until = Start.AddMinutes(i + 1) }),
            Granted(1000) with { Until = Start.AddMinutes(1030), Namespaces = ["team-a"] },
            Granted(1100),
            Granted(1110) with { Role = "tka-edit" },
        ];

        var item = Assert.Single(HistoryPage.Of([Record("u", grants)], 10, null).Items);
        Assert.Equal(
            [("view", 0, 1000), ("view", 1000, 1030), ("view", 1100, 1130), ("tka-edit", 1110, 1140)],
            item.Grants.Select(grant => (grant.Role, (int)(grant.From - Start).TotalMinutes, (int)(grant.Until - Start).TotalMinutes)));
        Assert.Equal(grants.Length, Assert.Single(HistoryPage.All([Record("u", grants)]).Items).Grants.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.")]
    [InlineData("-1.u")]
    [InlineData("99999999999999999999.u")]
    [InlineData("9223372036854775807.u")]
    public void What_is_no_place_is_none(string text) => Assert.False(HistoryPage.Position.TryParse(text, out _));

    private static LedgerRecord Record(string uid, params LedgerGrant[] grants) => new() { Uid = uid, Name = $"tka-user-{uid}", Username = "alice@example.com", Grants = grants };

    private static LedgerGrant Granted(int minute) => new() { Role = "view", From = Start.AddMinutes(minute), Until = Start.AddMinutes(minute + 30) };
}
