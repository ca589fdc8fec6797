using System.Net;
using System.Net.Sockets;
using TKA.Tailscale.Serving;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>A loopback address as target: beside a sidecar that does not run as root.</summary>
public sealed class ServeAddressTests : ServeTests
{
    protected override (string Key, string Value) Setting => ("server:serveAddress", "127.0.0.2:0");

    [Theory]
    [InlineData("127.0.0.1:8444")]
    [InlineData("[::1]:8444")]
    [InlineData("0.0.0.0:8444")]
    [InlineData("100.64.0.1:8444")]
    [InlineData("127.0.0.2")]
    [InlineData("tka:8444")]
    public void An_address_that_tailnet_peers_reach_is_refused_at_start(string address)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        var result = new TailnetListenerOptionsValidator().Validate(null, new TailnetListenerOptions { ServeAddress = address });

        Assert.True(result.Failed);
        Assert.Contains("127.0.0.2:8444", result.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void The_charts_address_is_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        Assert.True(new TailnetListenerOptionsValidator().Validate(null, new TailnetListenerOptions { ServeAddress = "127.0.0.2:8444" }).Succeeded);
    }

    private protected override async Task<Socket> ConnectAsync(WhoAmIServer server, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new DnsEndPoint("127.0.0.2", server.Addresses.Single(uri => uri.Host == "127.0.0.2").Port), cancellationToken);
        return socket;
    }
}
