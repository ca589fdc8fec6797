using System.Net.Sockets;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>A unix socket as target: beside a tailscaled that runs as root.</summary>
public sealed class ServeSocketTests : ServeTests
{
    protected override (string Key, string Value) Setting => ("server:serveSocket", Path.Combine(Directory, "serve.sock"));

    [Fact]
    public async Task The_socket_is_closed_to_other_users()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peer credentials are read on Linux only.");
        await using var tailnet = await TestTailnet.StartAsync(TestContext.Current.CancellationToken);
        await using var server = await StartAsync(tailnet);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Setting.Value));
    }

    private protected override async Task<Socket> ConnectAsync(WhoAmIServer server, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Setting.Value), cancellationToken);
        return socket;
    }
}
