using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>Durations as kubectl shows them: one or two units, the coarser the longer.</summary>
internal static class Age
{
    /// <summary>For example <c>42s</c>, <c>3m20s</c>, <c>5h</c>, <c>2d4h</c>, <c>80d</c>, <c>1y30d</c>.</summary>
    public static string Format(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        return seconds switch
        {
            < -1 => "<invalid>",
            < 0 => "0s",
            < 120 => Text($"{seconds}s"),
            < 600 => Two(seconds / 60, "m", seconds % 60, "s"),
            < 3 * 3600 => Text($"{seconds / 60}m"),
            < 8 * 3600 => Two(seconds / 3600, "h", seconds / 60 % 60, "m"),
            < 48 * 3600 => Text($"{seconds / 3600}h"),
            < 8 * 86400 => Two(seconds / 86400, "d", seconds / 3600 % 24, "h"),
            < 2 * 365 * 86400 => Text($"{seconds / 86400}d"),
            < 8L * 365 * 86400 => Two(seconds / 86400 / 365, "y", seconds / 86400 % 365, "d"),
            _ => Text($"{seconds / 86400 / 365}y"),
        };
    }

    private static string Two(long coarse, string coarseUnit, long fine, string fineUnit) =>
        fine == 0 ? Text($"{coarse}{coarseUnit}") : Text($"{coarse}{coarseUnit}{fine}{fineUnit}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
