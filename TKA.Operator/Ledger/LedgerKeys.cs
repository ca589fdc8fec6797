using System.Globalization;

namespace TKA.Operator.Ledger;

/// <summary>Keys in the state store.</summary>
internal static class LedgerKeys
{
    /// <summary>Up to when the calendar has been worked off.</summary>
    public const string Cursor = "ledger:cursor";

    /// <summary>
    /// A day's sessions are spread over so many pages: each write of a page writes all of it, and one page for the day had 800 kB after
    /// 20,000 sessions.
    /// </summary>
    private const string Pages = "0123456789abcdef";

    /// <summary>The record of a session.</summary>
    public static string Session(string uid) => $"ledger:session:{uid}";

    /// <summary>The sessions due in one minute.</summary>
    public static string Due(DateTimeOffset at) => $"ledger:due:{at.UtcDateTime.ToString("yyyyMMdd'T'HHmm", CultureInfo.InvariantCulture)}";

    /// <summary>The pages of the days (UTC) between two moments, both included, that name a session.</summary>
    public static IEnumerable<string> Days(string uid, DateTimeOffset from, DateTimeOffset to) => Dates(from, to).Select(date => Day(date, PageOf(uid)));

    /// <summary>The pages that name all sessions of the days (UTC) between two moments, both included.</summary>
    public static IEnumerable<string> Days(DateTimeOffset from, DateTimeOffset to) => Dates(from, to).SelectMany(date => Pages.Select(page => Day(date, page)));

    /// <summary>The minutes between two moments, both included.</summary>
    public static IEnumerable<string> Minutes(DateTimeOffset from, DateTimeOffset to)
    {
        for (var minute = new DateTimeOffset(from.UtcTicks - (from.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero); minute <= to; minute = minute.AddMinutes(1))
        {
            yield return Due(minute);
        }
    }

    private static string Day(DateTime date, char page) => $"ledger:day:{date.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}:{page}";

    /// <summary>By the uid's first digit, which the API server draws at random (RFC 9562, version 4). A uid of another kind gets a page too.</summary>
    private static char PageOf(string uid) => Pages.Contains(uid[0]) ? uid[0] : Pages[0];

    private static IEnumerable<DateTime> Dates(DateTimeOffset from, DateTimeOffset to)
    {
        for (var date = from.UtcDateTime.Date; date <= to.UtcDateTime.Date; date = date.AddDays(1))
        {
            yield return date;
        }
    }
}
