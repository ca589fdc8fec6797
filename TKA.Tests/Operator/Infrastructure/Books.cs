using Microsoft.Extensions.DependencyInjection;
using TKA.Operator.Ledger;
using TKA.State;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>What the books say.</summary>
internal static class Books
{
    /// <summary>Reads an operator's books until they say what is expected.</summary>
    public static async Task<IReadOnlyList<LedgerRecord>> ReadAsync(
        SessionWorld world, OperatorUnderTest tested, DateTimeOffset start, Func<IReadOnlyList<LedgerRecord>, bool> until)
    {
        var book = tested.App.Services.GetRequiredService<LedgerBook>();
        IReadOnlyList<LedgerRecord> records = [];
        await world.UntilAsync(
            async () =>
            {
                try
                {
                    records = (await book.HistoryAsync(start, world.Time.GetUtcNow(), TestContext.Current.CancellationToken))!;
                }
                catch (StateUnavailableException)
                {
                    return false;
                }

                return until(records);
            },
            "the books say so");
        return records;
    }
}
