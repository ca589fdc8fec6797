using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace TKA.DevEnvironment.Stack;

/// <summary>The tailnet of a stack, as its services and users reach it.</summary>
/// <param name="Socket">Socket of tailscaled.</param>
/// <param name="ListenAddress">Value of <c>server:address</c>.</param>
/// <param name="Address">Where the API and the orchestrator are for people of the tailnet.</param>
/// <param name="IsEmbedded">Whether loopback addresses are devices, as the policy file says.</param>
internal sealed record StackTailnet(string Socket, string ListenAddress, IPAddress Address, bool IsEmbedded)
{
    private const string DefaultSocket = "/var/run/tailscale/tailscaled.sock";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether this machine can reach the services by <see cref="Address"/>. It cannot where tailscaled runs in userspace mode: the
    /// address exists for other devices of the tailnet only.
    /// </summary>
    public bool IsReachableFromHere => IsEmbedded || ListenAddress != Loopback;

    private static string Loopback { get; } = IPAddress.Loopback.ToString();

    /// <summary>The embedded tailnet, as the first cluster's node or another's has it.</summary>
    public static StackTailnet Embedded(StackFiles files, int cluster = 1) => new(
        files.OfCluster(cluster).TailscaledSocket, StackAddresses.LoopbackOf(cluster).ToString(), IPAddress.Loopback, true);

    /// <summary>The tailnet that the options ask for.</summary>
    /// <exception cref="StackException">This machine's tailscaled is asked for and does not answer, or is not signed in.</exception>
    public static async Task<StackTailnet> FindAsync(CommandLine options, StackFiles files, CancellationToken cancellationToken) =>
        options.HostTailnet ? await OfHostAsync(options.HostSocket is "" ? DefaultSocket : options.HostSocket, cancellationToken) : Embedded(files);

    private static async Task<StackTailnet> OfHostAsync(string socket, CancellationToken cancellationToken)
    {
        using var status = await StatusAsync(socket, cancellationToken);
        var state = status.RootElement.TryGetProperty("BackendState", out var backend) ? backend.GetString() : null;
        if (state != "Running")
        {
            throw new StackException($"tailscaled on {socket} is in state {state ?? "unknown"}, not Running. Sign in with tailscale up.");
        }

        var address = status.RootElement.GetProperty("Self").GetProperty("TailscaleIPs").EnumerateArray()
            .Select(text => IPAddress.Parse(text.GetString()!))
            .FirstOrDefault(ip => ip.AddressFamily is AddressFamily.InterNetwork)
            ?? throw new StackException($"tailscaled on {socket} has no IPv4 address.");
        var hasDevice = !status.RootElement.TryGetProperty("TUN", out var tun) || tun.GetBoolean();
        return new StackTailnet(socket, hasDevice ? "tailnet" : Loopback, address, false);
    }

    private static async Task<JsonDocument> StatusAsync(string socket, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        })
        { Timeout = Timeout };
        try
        {
            await using var body = await http.GetStreamAsync(new Uri("http://local-tailscaled.sock/localapi/v0/status?peers=false"), cancellationToken);
            return await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or JsonException or ArgumentException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new StackException(
                string.Create(CultureInfo.InvariantCulture, $"No tailscaled answers on {socket}. Start it, or name its socket with --tailnet host:SOCKET."),
                exception);
        }
    }
}
