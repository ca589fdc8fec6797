using System.Globalization;

namespace TKA.Operator.Ledger;

/// <summary>Keys in the state store.</summary>
internal static class LedgerKeys
{
    /// <summary>Up to when the calendar has been worked off.</summary>
    public const string Cursor = "ledger:cursor";

    /// <summary>The record of a session.</summary>
    public static string Session(string uid) => $"ledger:session:{uid}";

    /// <summary>The sessions due in one minute.</summary>
    public static string Due(DateTimeOffset at) => $"ledger:due:{at.UtcDateTime.ToString("yyyyMMdd'T'HHmm", CultureInfo.InvariantCulture)}";

    /// <summary>The sessions that had access on one day (UTC).</summary>
    public static string Day(DateTimeOffset at) => $"ledger:day:{at.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}";

    /// <summary>The days between two moments, both included.</summary>
    public static IEnumerable<string> Days(DateTimeOffset from, DateTimeOffset to)
    {
        for (var day = from.UtcDateTime.Date; day <= to.UtcDateTime.Date; day = day.AddDays(1))
        {
            yield return Day(new DateTimeOffset(day, TimeSpan.Zero));
        }
    }

    /// <summary>The minutes between two moments, both included.</summary>
    public static IEnumerable<string> Minutes(DateTimeOffset from, DateTimeOffset to)
    {
        for (var minute = new DateTimeOffset(from.UtcTicks - (from.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero); minute <= to; minute = minute.AddMinutes(1))
        {
            yield return Due(minute);
        }
    }
}
