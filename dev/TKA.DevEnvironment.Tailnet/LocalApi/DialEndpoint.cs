using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http.Features;

namespace TKA.DevEnvironment.Tailnet.LocalApi;

/// <summary>
/// <c>POST dial</c>: turns the request's connection into a TCP connection to a node of the tailnet, after an upgrade to
/// <c>ts-dial</c>. A node is reached at its loopback address. tailscaled also dials hosts outside the tailnet; this does not.
/// </summary>
internal sealed class DialEndpoint(PolicyStore policies)
{
    private const string Protocol = "ts-dial";

    public async Task HandleAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (context.Request.Method != "POST")
        {
            await GoResponses.ErrorAsync(context, 405, "POST required");
            return;
        }

        // tailscaled wants "upgrade" in lower case. Kestrel does not tell the case.
        if (!headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase) || headers.Upgrade != Protocol)
        {
            await GoResponses.ErrorAsync(context, 400, "bad ts-dial upgrade");
            return;
        }

        var (host, port) = (headers["Dial-Host"].ToString(), headers["Dial-Port"].ToString());
        if (host.Length == 0 || port.Length == 0)
        {
            await GoResponses.ErrorAsync(context, 400, "missing Dial-Host or Dial-Port header");
            return;
        }

        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            await GoResponses.ErrorAsync(context, 400, "make request over HTTP/1");
            return;
        }

        using var connection = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await ConnectAsync(connection, headers["Dial-Network"].ToString(), host, port, context.RequestAborted);
        }
        catch (SocketException exception)
        {
            await GoResponses.ErrorAsync(context, 502, $"dial failure: dial tcp {host}:{port}: {exception.Message}");
            return;
        }

        context.Response.Headers.Upgrade = Protocol;
        await using var client = await upgrade.UpgradeAsync();
        await using var server = new NetworkStream(connection, ownsSocket: false);
        await RelayAsync(client, server, connection, context.RequestAborted);
    }

    private async Task ConnectAsync(Socket connection, string network, string host, string port, CancellationToken cancellationToken)
    {
        var view = policies.View;
        var name = host.TrimEnd('.');
        var node = IPAddress.TryParse(name, out var tailnetAddress)
            ? view.ByAddress(tailnetAddress)
            : view.Peers.Append(view.Self).FirstOrDefault(n => n.Name == name || n.DnsName == name);
        if (node is null || network is not ("" or "tcp" or "tcp4") || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        if (view.LoopbackOf(view.Self) is { } source)
        {
            connection.Bind(new IPEndPoint(source, 0));
        }

        // Userspace networking hands connections to the own node to 127.0.0.1. A tagged node without a listener at its own address is
        // served there too: the first API of a stack listens on 127.0.0.1 only, which every system has.
        var address = view.LoopbackOf(node) ?? IPAddress.Loopback;
        try
        {
            await connection.ConnectAsync(new IPEndPoint(address, number), cancellationToken);
        }
        catch (SocketException) when (node.Tags.Count > 0 && !address.Equals(IPAddress.Loopback))
        {
            await connection.ConnectAsync(new IPEndPoint(IPAddress.Loopback, number), cancellationToken);
        }
    }

    /// <summary>Copies both ways until the dialled side has ended, passing on the end of the client's data.</summary>
    private static async Task RelayAsync(Stream client, Stream server, Socket connection, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var upstream = SendAsync();
        try
        {
            await server.CopyToAsync(client, stop.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // One side broke off; both connections are closed below.
        }

        await stop.CancelAsync();
        await upstream;

        async Task SendAsync()
        {
            try
            {
                await client.CopyToAsync(server, stop.Token);
                connection.Shutdown(SocketShutdown.Send);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side broke off; the caller closes both connections.
            }
        }
    }
}
