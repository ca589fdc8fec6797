using TKA.Tailscale.Serving;
using Xunit;

namespace TKA.Tests.Tailscale;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.9")]
    [InlineData("tailnet")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.254")]
    [InlineData("fd7a:115c:a1e0::1")]
    public void Loopback_and_tailnet_addresses_are_served(string address) => Assert.Null(ListenAddress.Check(address, allowAny: false));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("0")]
    [InlineData("10.0.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("fd7a:115c:a1e1::1")]
    public void Other_networks_only_when_told(string address)
    {
        Assert.Contains("server.address", ListenAddress.Check(address, allowAny: false), StringComparison.Ordinal);
        Assert.Null(ListenAddress.Check(address, allowAny: true));
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("localhost")]
    [InlineData("*")]
    [InlineData("")]
    public void What_tailscaled_could_not_reach_is_refused(string address) => Assert.NotNull(ListenAddress.Check(address, allowAny: false));
}
