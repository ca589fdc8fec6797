using System.Globalization;
using TKA.Contracts.Operator;

namespace TKA.Operator.Ledger;

/// <summary>Records of the ledger as <c>GET /v1/history</c> answers them.</summary>
internal static class HistoryPage
{
    /// <summary>Sessions of one page at most.</summary>
    public const int Largest = 500;

    /// <summary>All records, as they are.</summary>
    public static SessionHistory All(IEnumerable<LedgerRecord> records) => new() { Items = [.. records.Select(record => Session(record, record.Grants.Select(Grant)))] };

    /// <summary>
    /// One page, the newest session first. A person can renew a session as often as the rate limit allows, and each renewal is a grant of
    /// the record: a page joins them, so that its size does not depend on what people do.
    /// </summary>
    /// <param name="records">All records that were asked for.</param>
    /// <param name="limit">Sessions of the page.</param>
    /// <param name="after">The last session of the page before; <see langword="null"/>: this is the first page.</param>
    public static SessionHistory Of(IEnumerable<LedgerRecord> records, int limit, Position? after)
    {
        var rest = records
            .Select(record => (Record: record, Position: new Position(record.Grants[0].From, record.Uid)))
            .Where(item => after is not { } last || item.Position.CompareTo(last) > 0)
            .OrderBy(item => item.Position)
            .Take(limit + 1)
            .ToArray();
        var page = rest.Take(limit).ToArray();
        return new SessionHistory
        {
            Items = [.. page.Select(item => Session(item.Record, Joined(item.Record.Grants)))],
            Continue = rest.Length > limit ? page[^1].Position.ToString() : null,
        };
    }

    private static RecordedSession Session(LedgerRecord record, IEnumerable<RecordedGrant> grants) => new()
    {
        Uid = record.Uid,
        Name = record.Name,
        Username = record.Username,
        Node = record.Node,
        Grants = [.. grants],
        Ended = record.Ended,
        How = record.How,
    };

    private static RecordedGrant Grant(LedgerGrant grant) => new() { Role = grant.Role, Namespaces = grant.Namespaces, From = grant.From, Until = grant.Until };

    private static List<RecordedGrant> Joined(IEnumerable<LedgerGrant> grants)
    {
        var joined = new List<RecordedGrant>();
        foreach (var grant in grants.Select(Grant))
        {
            if (joined is [.., var last] && last.Role == grant.Role && last.Namespaces.SequenceEqual(grant.Namespaces, StringComparer.Ordinal) && grant.From <= last.Until)
            {
                joined[^1] = last with { Until = grant.Until };
            }
            else
            {
                joined.Add(grant);
            }
        }

        return joined;
    }

    /// <summary>Place of a session among all: by its beginning, the newest first.</summary>
    /// <param name="From">When it began.</param>
    /// <param name="Uid">Its uid, for those that began together.</param>
    internal readonly record struct Position(DateTimeOffset From, string Uid) : IComparable<Position>
    {
        /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
        public static bool TryParse(string text, out Position position)
        {
            position = default;
            if (text.Split('.', 2) is not [var ticks, { Length: > 0 } uid]
                || !long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > DateTimeOffset.MaxValue.UtcTicks)
            {
                return false;
            }

            position = new Position(new DateTimeOffset(number, TimeSpan.Zero), uid);
            return true;
        }

        public int CompareTo(Position other) => From == other.From ? string.CompareOrdinal(Uid, other.Uid) : other.From.CompareTo(From);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From.UtcTicks}.{Uid}");
    }
}
