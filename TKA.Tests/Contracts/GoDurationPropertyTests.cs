using CsCheck;
using TKA.Contracts;
using Xunit;

namespace TKA.Tests.Contracts;

public class GoDurationPropertyTests
{
    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Long[-long.MaxValue / 200, long.MaxValue / 200].Sample(ticks =>
            GoDuration.TryParse(GoDuration.Format(TimeSpan.FromTicks(ticks)), out var read) && read.Ticks == ticks);

    [Fact]
    public void Any_text_is_read_or_refused_and_never_throws() =>
        Gen.String[Gen.OneOf(Gen.Char["0123456789.hmsnuµ-+ e"], Gen.Char), 0, 40].Sample(text => GoDuration.TryParse(text, out var value) || value == TimeSpan.Zero);

    /// <summary>Any sequence of numbers and units, in any order and notation, means the sum of its parts.</summary>
    [Fact]
    public void Whatever_its_parts_and_their_order_a_duration_is_their_sum()
    {
        (string Name, decimal Ticks)[] units =
        [
            ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
            ("ms", TimeSpan.TicksPerMillisecond), ("us", 10), ("µs", 10), ("μs", 10), ("ns", 0.01m),
        ];
        var part = Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 999], Gen.Bool, Gen.Int[0, units.Length - 1])
            .Select((whole, fraction, hasFraction, unit) => (Text: hasFraction ? $"{whole}.{fraction:000}" : $"{whole}", Unit: units[unit]));

        Gen.Select(part.List[1, 8], Gen.Int[0, 2]).Sample((parts, sign) =>
        {
            var text = string.Concat(sign switch { 0 => "", 1 => "-", _ => "+" }, string.Concat(parts.Select(item => item.Text + item.Unit.Name)));
            var ticks = (long)parts.Sum(item => decimal.Parse(item.Text, System.Globalization.CultureInfo.InvariantCulture) * item.Unit.Ticks);
            return GoDuration.TryParse(text, out var read) && read.Ticks == (sign == 1 ? -ticks : ticks);
        });
    }

    [Fact]
    public void Parts_add_up() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 1000]).Sample((hours, minutes, seconds) =>
            GoDuration.Parse($"{hours}h{minutes}m{seconds}s") == new TimeSpan(hours, minutes, seconds));
}
