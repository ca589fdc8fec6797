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

    [Fact]
    public void Parts_add_up() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 1000]).Sample((hours, minutes, seconds) =>
            GoDuration.Parse($"{hours}h{minutes}m{seconds}s") == new TimeSpan(hours, minutes, seconds));
}
