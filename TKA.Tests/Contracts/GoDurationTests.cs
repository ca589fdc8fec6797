using TKA.Contracts;
using Xunit;

namespace TKA.Tests.Contracts;

public class GoDurationTests
{
    [Theory]
    [InlineData("8h", "08:00:00")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("1.5h", "01:30:00")]
    [InlineData("-10m0s", "-00:10:00")]
    [InlineData("300ms", "00:00:00.3")]
    [InlineData("0", "00:00:00")]
    [InlineData("8h0m0s", "08:00:00")]
    [InlineData("2us", "00:00:00.000002")]
    [InlineData("1ns", "00:00:00")]
    [InlineData("99ns", "00:00:00")]
    [InlineData("28800000000000ns", "08:00:00")]
    [InlineData("1h50ns50ns", "01:00:00.0000001")]
    public void Reads_what_Go_writes(string text, string expected)
    {
        Assert.True(GoDuration.TryParse(text, out var value));
        Assert.Equal(TimeSpan.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("8 h")]
    [InlineData("h")]
    [InlineData("1d")]
    [InlineData(".h")]
    [InlineData("1..5h")]
    [InlineData("+-1h")]
    [InlineData("99999999999h")]
    [InlineData("99999999999999999999999h")]
    [InlineData("8h ")]
    [InlineData("--1h")]
    [InlineData("1e3h")]
    [InlineData("9223372036854775807h30m")]
    public void Refuses_what_Go_refuses(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData("08:00:00", "8h0m0s")]
    [InlineData("00:10:00", "10m0s")]
    [InlineData("00:00:00", "0s")]
    [InlineData("00:00:01.5", "1.5s")]
    [InlineData("-00:10:00", "-10m0s")]
    [InlineData("00:00:00.3", "300ms")]
    [InlineData("1.01:02:03", "25h2m3s")]
    public void Writes_as_Go_does(string value, string expected) =>
        Assert.Equal(expected, GoDuration.Format(TimeSpan.Parse(value, System.Globalization.CultureInfo.InvariantCulture)));
}
