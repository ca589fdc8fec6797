using System.Globalization;

namespace TKA.Operator.Ledger;

/// <summary>Keys in the state store.</summary>
internal static class LedgerKeys
{
    /// <summary>Up to when the calendar has been worked off.</summary>
    public const string Cursor = "ledger:cursor";

    /// <summary>
    /// A day's sessions are spread over so many pages. A batch reads and writes each page that it touches as a whole: after 20,000 sessions
    /// of a day that was 800 kB for a batch of 20 with 16 pages, and is 60 kB with these.
    /// </summary>
    private const int Pages = 256;

    /// <summary>The record of a session.</summary>
    public static string Session(string uid) => $"ledger:session:{uid}";

    /// <summary>The sessions due in one minute.</summary>
    public static string Due(DateTimeOffset at) => $"ledger:due:{at.UtcDateTime.ToString("yyyyMMdd'T'HHmm", CultureInfo.InvariantCulture)}";

    /// <summary>The pages of the days (UTC) between two moments, both included, that name a session.</summary>
    public static IEnumerable<string> Days(string uid, DateTimeOffset from, DateTimeOffset to) => Dates(from, to).Select(date => Day(date, PageOf(uid)));

    /// <summary>The pages that name all sessions of the days (UTC) between two moments, both included.</summary>
    public static IEnumerable<string> Days(DateTimeOffset from, DateTimeOffset to) =>
        Dates(from, to).SelectMany(date => Enumerable.Range(0, Pages).Select(page => Day(date, page)));

    /// <summary>The minutes between two moments, both included.</summary>
    public static IEnumerable<string> Minutes(DateTimeOffset from, DateTimeOffset to)
    {
        for (var minute = new DateTimeOffset(from.UtcTicks - (from.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero); minute <= to; minute = minute.AddMinutes(1))
        {
            yield return Due(minute);
        }
    }

    private static string Day(DateTime date, int page) => string.Create(CultureInfo.InvariantCulture, $"ledger:day:{date:yyyyMMdd}:{page:x2}");

    /// <summary>By the uid's first two digits, which the API server draws at random (RFC 9562, version 4). A uid of another kind gets a page too.</summary>
    private static int PageOf(string uid) =>
        uid.Length >= 2 && byte.TryParse(uid.AsSpan(0, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var page) ? page : 0;

    private static IEnumerable<DateTime> Dates(DateTimeOffset from, DateTimeOffset to)
    {
        for (var date = from.UtcDateTime.Date; date <= to.UtcDateTime.Date; date = date.AddDays(1))
        {
            yield return date;
        }
    }
}
