using Microsoft.Extensions.Options;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;
using TKA.State;

namespace TKA.Operator.Ledger;

/// <summary>Writes and reads the ledger: records by session, found by day for history and by minute for what is due.</summary>
internal sealed class LedgerStore(StateStore store, IOptions<LedgerOptions> options, ClusterTime time)
{
    /// <summary>Calendar pages are kept for a while after their minute, for an operator that comes back late.</summary>
    private static readonly TimeSpan KeepCalendar = TimeSpan.FromDays(14);

    private TimeSpan Retention => TimeSpan.FromDays(options.Value.RetentionDays);

    /// <summary>Writes the entries of some sessions. Indexes first: one that leads to no record is harmless, a record that nothing leads to is lost.</summary>
    public async Task WriteAsync(IReadOnlyList<IReadOnlyList<LedgerEntry>> sessions, Action<IReadOnlyList<LedgerEntry>> written, CancellationToken cancellationToken)
    {
        await IndexAsync(sessions, cancellationToken);
        var known = await store.ReadManyAsync<LedgerRecord>(sessions.Select(entries => LedgerKeys.Session(entries[0].Uid)), cancellationToken);
        foreach (var entries in sessions)
        {
            var key = LedgerKeys.Session(entries[0].Uid);
            await store.ChangeAsync<LedgerRecord>(
                key,
                record => entries.Aggregate(record, (current, entry) => entry.ApplyTo(current)),
                record => record.Ended is { } ended ? ended + Retention - time.GetUtcNow() : null,
                known.GetValueOrDefault(key),
                cancellationToken);
            written(entries);
        }
    }

    /// <summary>Sessions that had access between two moments.</summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The last.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="atMost">Sessions to look at.</param>
    /// <returns><see langword="null"/>: there are more than that in those days.</returns>
    public async Task<IReadOnlyList<LedgerRecord>?> HistoryAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken, int atMost = int.MaxValue)
    {
        var uids = await UidsAsync(LedgerKeys.Days(from, to), cancellationToken);
        return uids.Count > atMost
            ? null
            : [.. (await RecordsAsync(uids, cancellationToken)).Where(record => record.Overlaps(from, to)).OrderBy(record => record.Grants[0].From)];
    }

    /// <summary>Records that are still open although they were to be worked off since, or are due in the future.</summary>
    /// <param name="horizon">How far ahead sessions may end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<LedgerRecord>> OpenAsync(TimeSpan horizon, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var cursor = (await store.ReadAsync<LedgerCursor>(LedgerKeys.Cursor, cancellationToken))?.Value;
        var from = cursor?.At ?? now - KeepCalendar;
        var uids = await UidsAsync(LedgerKeys.Minutes(from, now + horizon), cancellationToken);
        return [.. (await RecordsAsync(uids, cancellationToken)).Where(record => record.Ended is null && record.Grants.Count > 0)];
    }

    /// <summary>Notes that everything due before now has been worked off.</summary>
    public Task AdvanceAsync(CancellationToken cancellationToken) =>
        store.ChangeAsync<LedgerCursor>(
            LedgerKeys.Cursor, _ => new LedgerCursor { At = time.GetUtcNow() - TimeSpan.FromMinutes(1) }, static _ => null, null, cancellationToken);

    private async Task<HashSet<string>> UidsAsync(IEnumerable<string> indexKeys, CancellationToken cancellationToken)
    {
        var indexes = await store.ReadManyAsync<LedgerIndex>(indexKeys, cancellationToken);
        return indexes.Values.SelectMany(index => index.Value?.Uids ?? []).ToHashSet(StringComparer.Ordinal);
    }

    private async Task<IEnumerable<LedgerRecord>> RecordsAsync(IEnumerable<string> uids, CancellationToken cancellationToken) =>
        (await store.ReadManyAsync<LedgerRecord>(uids.Select(LedgerKeys.Session), cancellationToken)).Values.Select(record => record.Value).OfType<LedgerRecord>();

    private async Task IndexAsync(IReadOnlyList<IReadOnlyList<LedgerEntry>> sessions, CancellationToken cancellationToken)
    {
        var pages = new Dictionary<string, (HashSet<string> Uids, DateTimeOffset Forget)>(StringComparer.Ordinal);
        foreach (var entry in sessions.SelectMany(entries => entries))
        {
            if (entry.Indexed is not { } grant)
            {
                continue;
            }

            Enter(LedgerKeys.Due(grant.Until), entry.Uid, grant.Until + KeepCalendar);
            foreach (var day in LedgerKeys.Days(entry.Uid, grant.From, grant.Until))
            {
                Enter(day, entry.Uid, grant.Until + TimeSpan.FromDays(1) + Retention);
            }
        }

        var known = await store.ReadManyAsync<LedgerIndex>(pages.Keys, cancellationToken);
        foreach (var (key, (uids, forget)) in pages)
        {
            await store.ChangeAsync<LedgerIndex>(
                key,
                page => page is not null && uids.IsSubsetOf(page.Uids) ? page : new LedgerIndex { Uids = [.. (page?.Uids ?? []).Union(uids, StringComparer.Ordinal)] },
                _ => forget - time.GetUtcNow(),
                known.GetValueOrDefault(key),
                cancellationToken);
        }

        void Enter(string key, string uid, DateTimeOffset forget)
        {
            if (!pages.TryGetValue(key, out var page))
            {
                page = ([], forget);
            }

            page.Uids.Add(uid);
            pages[key] = (page.Uids, forget > page.Forget ? forget : page.Forget);
        }
    }
}
