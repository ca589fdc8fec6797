using TKA.Operator.Ledger;
using Xunit;

namespace TKA.Tests.Operator;

public sealed class LedgerKeysTests
{
    private static readonly DateTimeOffset Evening = new(2026, 11, 30, 22, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Morning = Evening.AddHours(10);

    [Theory]
    [InlineData("0b9e4c36-54a7-4b5c-9d53-2f3f3f1d6a10")]
    [InlineData("f17d9a53-1f0e-4d0c-8a0e-0d5f1f6f3b77")]
    [InlineData("Not-a-uid")]
    public void History_looks_where_a_session_was_entered(string uid)
    {
        var entered = LedgerKeys.Days(uid, Evening, Morning).ToArray();

        Assert.Equal(2, entered.Length);
        Assert.Empty(entered.Except(LedgerKeys.Days(Evening, Morning)));
        Assert.Single(entered, LedgerKeys.Days(Morning, Morning).Contains);
    }

    /// <summary>A page is written as a whole, so none may hold much more than its share.</summary>
    [Fact]
    public void Sessions_are_spread_over_the_pages_of_a_day()
    {
        const int Sessions = 64_000;

        var pages = Enumerable.Range(0, Sessions).CountBy(_ => LedgerKeys.Days(Guid.NewGuid().ToString(), Evening, Evening).Single()).ToArray();

        Assert.Equal(256, pages.Length);
        Assert.All(pages, page => Assert.InRange(page.Value, 120, 420));
    }
}
