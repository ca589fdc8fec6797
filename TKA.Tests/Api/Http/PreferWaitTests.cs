using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using TKA.Api.Http;
using Xunit;

namespace TKA.Tests.Api.Http;

public class PreferWaitTests
{
    [Theory]
    [InlineData("wait=10", 10)]
    [InlineData("WAIT=10", 10)]
    [InlineData("wait = 10", 10)]
    [InlineData("wait=\"10\"", 10)]
    [InlineData("respond-async, wait=5", 5)]
    [InlineData("wait=5;foo=bar", 5)]
    [InlineData("handling=lenient; x=1, wait=7", 7)]
    [InlineData("wait=3, wait=9", 3)]
    [InlineData("wait=0", 0)]
    [InlineData("wait=31", 30)]
    [InlineData("wait=99999999999999999999", 30)]
    public void Reads_the_preference(string header, int seconds) => Assert.Equal(seconds, PreferWait.Parse(header));

    [Theory]
    [InlineData("")]
    [InlineData("wait")]
    [InlineData("wait=")]
    [InlineData("wait=-1")]
    [InlineData("wait=ten")]
    [InlineData("wait=1.5")]
    [InlineData("wait=+5")]
    [InlineData("waiting=5")]
    [InlineData("respond-async")]
    [InlineData(";wait=5")]
    public void Ignores_what_it_cannot_read(string header) => Assert.Null(PreferWait.Parse(header));

    [Fact]
    public void Reads_over_several_header_lines() => Assert.Equal(4, PreferWait.Parse(new StringValues(["respond-async", "wait=4"])));

    [Fact]
    public void Says_what_it_honours()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers["Prefer"] = "wait=60";

        Assert.Equal(TimeSpan.FromSeconds(30), PreferWait.Apply(context));
        Assert.Equal("wait=30", context.Response.Headers["Preference-Applied"]);
    }

    [Fact]
    public void Says_nothing_without_a_preference()
    {
        var context = new DefaultHttpContext();

        Assert.Equal(TimeSpan.Zero, PreferWait.Apply(context));
        Assert.False(context.Response.Headers.ContainsKey("Preference-Applied"));
    }

    [Fact]
    public void Never_throws_and_never_waits_longer_than_allowed() =>
        Gen.String.Sample(header => PreferWait.Parse(header) is null or (>= 0 and <= 30));
}
