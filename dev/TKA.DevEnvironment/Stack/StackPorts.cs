using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace TKA.DevEnvironment.Stack;

/// <summary>The ports of a stack on 127.0.0.1.</summary>
internal sealed class StackPorts
{
    // Below the range that Linux, macOS and Windows hand out for port 0, so that nobody gets one between our look and our use.
    private const int FirstFree = 20_000;
    private const int LastFree = 32_000;

    // Those of each cluster are listened on at its own address.
    private static readonly (string Name, int Default, bool OfEachCluster)[] Known =
    [
        ("the API", 8480, true), ("the orchestrator", 8481, false), ("the API's health", 8490, true), ("the operator's health", 8491, true),
        ("the orchestrator's health", 8492, false), ("Dapr", 8493, true), ("Kubernetes", 8494, true), ("the token service", 8495, true),
        ("the dashboard", 8496, false), ("telemetry", 8497, false), ("the development servers' health", 8498, false), ("telemetry over HTTP", 8499, false),
    ];

    private readonly IReadOnlyList<int> _ports;

    /// <summary>The default ports.</summary>
    public StackPorts() => _ports = [.. Known.Select(port => port.Default)];

    private StackPorts(IEnumerable<int> ports) => _ports = [.. ports];

    /// <summary>The API, as the tailnet reaches it.</summary>
    public int Api => _ports[0];

    /// <summary>The orchestrator.</summary>
    public int Orchestrator => _ports[1];

    /// <summary>Health and metrics of the API.</summary>
    public int ApiHealth => _ports[2];

    /// <summary>Health and metrics of the operator.</summary>
    public int OperatorHealth => _ports[3];

    /// <summary>Health and metrics of the orchestrator.</summary>
    public int OrchestratorHealth => _ports[4];

    /// <summary>Dapr's gRPC API.</summary>
    public int Dapr => _ports[5];

    /// <summary>The Kubernetes API.</summary>
    public int Kubernetes => _ports[6];

    /// <summary>The operator's token service.</summary>
    public int Tokens => _ports[7];

    /// <summary>The Aspire dashboard, where there is one.</summary>
    public int Dashboard => _ports[8];

    /// <summary>The dashboard's OTLP endpoint, gRPC.</summary>
    public int Telemetry => _ports[9];

    /// <summary>Readiness of the servers of <c>TKA.DevEnvironment</c>, where they are a process of their own.</summary>
    public int DevHealth => _ports[10];

    /// <summary>The dashboard's OTLP endpoint over HTTP, under Aspire.</summary>
    public int TelemetryHttp => _ports[11];

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <returns>Null when the text is something else.</returns>
    public static StackPorts? TryParse(string text)
    {
        var ports = text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0).ToList();
        return ports.Count == Known.Length && ports.All(port => port is >= 1 and <= IPEndPoint.MaxPort) ? new StackPorts(ports) : null;
    }

    /// <summary>The ports as a comma-separated list, for another process of the same stack.</summary>
    public override string ToString() => string.Join(',', _ports.Select(port => port.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Ports that nobody uses now.</summary>
    public static StackPorts Free()
    {
        var taken = new HashSet<int>();
        while (taken.Count < Known.Length)
        {
            var port = RandomNumberGenerator.GetInt32(FirstFree, LastFree);
            if (IsFree(port))
            {
                taken.Add(port);
            }
        }

        return new StackPorts(taken);
    }

    /// <summary>Makes sure that every port is free, before anything has started.</summary>
    /// <param name="clusters">Number of clusters.</param>
    /// <exception cref="StackException">One is in use; the message says which and what to do.</exception>
    public void RequireFree(int clusters)
    {
        for (var cluster = 1; cluster <= clusters; cluster++)
        {
            var address = StackAddresses.LoopbackOf(cluster);
            foreach (var (port, known) in _ports.Zip(Known).Where(port => cluster == 1 || port.Second.OfEachCluster))
            {
                if (!IsFree(port, address))
                {
                    throw new StackException($"Port {port} for {known.Name} is in use on {address}. Stop what holds it, or choose free ports with --ports auto.");
                }
            }
        }
    }

    /// <exception cref="StackException">The address is none of this machine's.</exception>
    private static bool IsFree(int port, IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // As Kestrel binds: a port that only lingers in TIME_WAIT after the last run is free.
        if (!OperatingSystem.IsWindows())
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }

        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressNotAvailable)
        {
            throw new StackException($"A further cluster needs the address {address}, which this machine lacks. On macOS: sudo ifconfig lo0 alias {address}", exception);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
