using TKA.Api.Configuration;
using TKA.ServiceDefaults.Configuration;
using Xunit;

namespace TKA.Tests.ServiceDefaults.Configuration;

public class ServiceArgumentsTests
{
    [Theory]
    [InlineData("--server", "tka2", "tailscale:hostname", "tka2")]
    [InlineData("-s", "tka2", "tailscale:hostname", "tka2")]
    [InlineData("--port", "8443", "tailscale:port", "8443")]
    [InlineData("-p", "8443", "tailscale:port", "8443")]
    [InlineData("--dir", "/x", "tailscale:stateDir", "/x")]
    [InlineData("-d", "/x", "tailscale:stateDir", "/x")]
    [InlineData("--cap-name", "a.b/c", "tailscale:capName", "a.b/c")]
    [InlineData("-n", "a.b/c", "tailscale:capName", "a.b/c")]
    [InlineData("--health-port", "81", "health:port", "81")]
    [InlineData("--api-endpoint", "https://x", "clusterInfo:apiEndpoint", "https://x")]
    [InlineData("--ca-data", "QQ==", "clusterInfo:caData", "QQ==")]
    [InlineData("--labels", "a=b", "clusterInfo:labels:a", "b")]
    [InlineData("--server.readTimeout", "5s", "server:readTimeout", "5s")]
    [InlineData("--server:readTimeout", "5s", "server:readTimeout", "5s")]
    [InlineData("--Logging:LogLevel:Default", "Debug", "Logging:LogLevel:Default", "Debug")]
    [InlineData("--clusterInfo.labels.team", "x", "clusterInfo:labels:team", "x")]
    public void Takes_the_Go_flags_and_every_key(string flag, string value, string key, string expected)
    {
        Assert.Equal(expected, Parse([flag, value]).Values[key]);
        Assert.Equal(expected, Parse([$"{flag}={value}"]).Values[key]);
    }

    [Fact]
    public void A_switch_needs_no_value()
    {
        var values = Parse(["--debug", "--insecure-skip-tls-verify", "--port", "80"]).Values;

        Assert.Equal("true", values["debug"]);
        Assert.Equal("true", values["clusterInfo:insecureSkipTLSVerify"]);
        Assert.Equal("80", values["tailscale:port"]);
    }

    [Fact]
    public void A_switch_can_be_turned_off() => Assert.Equal("false", Parse(["--debug", "false"]).Values["debug"]);

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("-x")]
    [InlineData("word")]
    [InlineData("--serverreadTimeout")]
    [InlineData("--server:readTimout")]
    [InlineData("--api.maxPeriods")]
    public void Names_what_it_does_not_know(string argument) =>
        Assert.Contains(argument, Assert.Throws<ConfigurationException>(() => Parse([argument, "1"])).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_an_option_without_its_value() =>
        Assert.Contains("--port", Assert.Throws<ConfigurationException>(() => Parse(["--port"])).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_a_label_that_is_none() =>
        Assert.Contains("\"oops\"", Assert.Throws<ConfigurationException>(() => Parse(["--labels", "a=b,oops"])).Message, StringComparison.Ordinal);

    [Fact]
    public void Takes_the_Go_servers_word() => Assert.Equal("80", Parse(["serve", "--port", "80"]).Values["tailscale:port"]);

    [Fact]
    public void Names_what_was_probably_meant() =>
        Assert.Equal(
            "'--server.readTimout=5s' is not an option of this program. Did you mean --server.readTimeout?",
            Assert.Throws<ConfigurationException>(() => Parse(["--server.readTimout=5s"])).Message);

    private static ServiceArguments Parse(string[] args) => ServiceArguments.Parse(ApiSettings.Service, args);
}
