using System.Globalization;
using System.Text;

namespace TKA.Contracts;

/// <summary>
/// Durations in the notation of Go's <c>time.ParseDuration</c> (<c>8h</c>, <c>1h30m</c>, <c>1.5h</c>), which the
/// tailnet policy and the TkaSignin resource use. Resolution is 100 ns, that of <see cref="TimeSpan"/>; finer parts are cut off.
/// </summary>
public static class GoDuration
{
    /// <summary>Go's limit: about 292 years, the range of int64 nanoseconds.</summary>
    private const decimal MostTicks = long.MaxValue / 100;

    /// <summary>Reads a duration. Never throws: text that Go would refuse, or that does not fit, gives <see langword="false"/>.</summary>
    /// <param name="text">For example <c>8h0m0s</c>, <c>-1.5h</c>, <c>300ms</c> or <c>0</c>. No white space.</param>
    /// <param name="value">The duration read, or zero.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var negative = false;
        if (text.Length > 0 && text[0] is '-' or '+')
        {
            negative = text[0] == '-';
            text = text[1..];
        }

        if (text is "0")
        {
            return true;
        }

        if (text.IsEmpty)
        {
            return false;
        }

        decimal ticks = 0;
        while (!text.IsEmpty)
        {
            var digits = 0;
            while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.'))
            {
                digits++;
            }

            // 19 digits are the most that fit Go's int64 of nanoseconds; more would also overflow decimal arithmetic below.
            if (digits is 0 or > 19
                || text[..digits] is "."
                || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            text = text[digits..];
            var unit = 0;
            while (unit < text.Length && text[unit] != '.' && !char.IsAsciiDigit(text[unit]))
            {
                unit++;
            }

            // A part beyond Go's limit could be more than decimal arithmetic takes.
            if (TicksPerUnit(text[..unit]) is not { } perUnit || number > MostTicks / perUnit)
            {
                return false;
            }

            ticks += number * perUnit;
            text = text[unit..];
        }

        if (ticks > MostTicks)
        {
            return false;
        }

        value = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>Reads a duration.</summary>
    /// <exception cref="FormatException">The text is not a Go duration.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out var value)
            ? value
            : throw new FormatException($"'{text}' is not a duration. Write it like 30m, 8h or 1h30m.");

    /// <summary>Writes a duration as Go's <c>Duration.String</c> does: <c>8h0m0s</c>, <c>10m0s</c>, <c>1.5s</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = new StringBuilder();
        var ticks = (decimal)value.Ticks;
        if (ticks < 0)
        {
            text.Append('-');
            ticks = -ticks;
        }

        if (ticks < TimeSpan.TicksPerSecond)
        {
            var (number, unit) = ticks < TimeSpan.TicksPerMillisecond
                ? (ticks / TimeSpan.TicksPerMicrosecond, "µs")
                : (ticks / TimeSpan.TicksPerMillisecond, "ms");
            return text.Append(number.ToString("0.####", CultureInfo.InvariantCulture)).Append(unit).ToString();
        }

        var hours = (long)(ticks / TimeSpan.TicksPerHour);
        var minutes = (long)(ticks % TimeSpan.TicksPerHour / TimeSpan.TicksPerMinute);
        var seconds = ticks % TimeSpan.TicksPerMinute / TimeSpan.TicksPerSecond;
        if (hours > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        }

        if (hours > 0 || minutes > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        }

        return text.Append(seconds.ToString("0.#######", CultureInfo.InvariantCulture)).Append('s').ToString();
    }

    private static decimal? TicksPerUnit(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
        "ns" => 0.01m,
        _ => null,
    };
}
