using TKA.DevEnvironment.Cluster.Tables;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Tables;

public class AgeTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(200, "3m20s")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData((5 * 3600) + 60, "5h1m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(52 * 3600, "2d4h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData(800L * 86400, "2y70d")]
    [InlineData(9L * 365 * 86400, "9y")]
    [InlineData(-10, "<invalid>")]
    public void Ages_read_as_kubectl_shows_them(long seconds, string expected) => Assert.Equal(expected, Age.Format(TimeSpan.FromSeconds(seconds)));
}
