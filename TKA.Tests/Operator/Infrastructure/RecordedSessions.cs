using Microsoft.Extensions.DependencyInjection;
using TKA.Operator.Ledger;
using TKA.State;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>The sessions that the ledger has recorded.</summary>
internal static class RecordedSessions
{
    /// <summary>Reads an operator's ledger until its records are as expected.</summary>
    public static async Task<IReadOnlyList<LedgerRecord>> ReadAsync(
        SessionWorld world, OperatorUnderTest tested, DateTimeOffset start, Func<IReadOnlyList<LedgerRecord>, bool> until)
    {
        var ledger = tested.App.Services.GetRequiredService<LedgerStore>();
        IReadOnlyList<LedgerRecord> records = [];
        await world.UntilAsync(
            async () =>
            {
                try
                {
                    records = (await ledger.HistoryAsync(start, world.Time.GetUtcNow(), TestContext.Current.CancellationToken))!;
                }
                catch (StateUnavailableException)
                {
                    return false;
                }

                return until(records);
            },
            "the ledger has the expected records");
        return records;
    }
}
