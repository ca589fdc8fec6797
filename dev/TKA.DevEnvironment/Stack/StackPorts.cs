using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace TKA.DevEnvironment.Stack;

/// <summary>The ports of a stack on 127.0.0.1.</summary>
internal sealed record StackPorts
{
    // Below the range that Linux, macOS and Windows hand out for port 0, so that nobody gets one between our look and our use.
    private const int FirstFree = 20_000;
    private const int LastFree = 32_000;

    /// <summary>The API, as the tailnet reaches it.</summary>
    public int Api { get; init; } = 8480;

    /// <summary>The orchestrator.</summary>
    public int Orchestrator { get; init; } = 8481;

    /// <summary>Health and metrics of the API.</summary>
    public int ApiHealth { get; init; } = 8490;

    /// <summary>Health and metrics of the operator.</summary>
    public int OperatorHealth { get; init; } = 8491;

    /// <summary>Health and metrics of the orchestrator.</summary>
    public int OrchestratorHealth { get; init; } = 8492;

    /// <summary>Dapr's gRPC API.</summary>
    public int Dapr { get; init; } = 8493;

    /// <summary>The Kubernetes API.</summary>
    public int Kubernetes { get; init; } = 8494;

    /// <summary>The operator's token service.</summary>
    public int Tokens { get; init; } = 8495;

    /// <summary>The Aspire dashboard, where there is one.</summary>
    public int Dashboard { get; init; } = 8496;

    /// <summary>The dashboard's OTLP endpoint, gRPC.</summary>
    public int Telemetry { get; init; } = 8497;

    /// <summary>The dashboard's OTLP endpoint over HTTP, under Aspire.</summary>
    public int TelemetryHttp { get; init; } = 8499;

    /// <summary>Readiness of the servers of <c>TKA.DevEnvironment</c>, where they are a process of their own.</summary>
    public int DevHealth { get; init; } = 8498;

    // Listened on at each cluster's own address.
    private IEnumerable<(string Name, int Port)> OfCluster =>
    [
        ("the API", Api), ("the API's health", ApiHealth), ("the operator's health", OperatorHealth), ("Dapr", Dapr), ("Kubernetes", Kubernetes),
        ("the token service", Tokens),
    ];

    private IEnumerable<(string Name, int Port)> All =>
    [
        ("the API", Api), ("the orchestrator", Orchestrator), ("the API's health", ApiHealth), ("the operator's health", OperatorHealth),
        ("the orchestrator's health", OrchestratorHealth), ("Dapr", Dapr), ("Kubernetes", Kubernetes), ("the token service", Tokens),
        ("the dashboard", Dashboard), ("telemetry", Telemetry), ("the development servers' health", DevHealth),
        ("telemetry over HTTP", TelemetryHttp),
    ];

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <returns>Null when the text is something else.</returns>
    public static StackPorts? TryParse(string text)
    {
        var parts = text.Split(',');
        var ports = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out ports[i]) || ports[i] is < 1 or > IPEndPoint.MaxPort)
            {
                return null;
            }
        }

        return ports.Length != new StackPorts().All.Count() ? null : new StackPorts
        {
            Api = ports[0],
            Orchestrator = ports[1],
            ApiHealth = ports[2],
            OperatorHealth = ports[3],
            OrchestratorHealth = ports[4],
            Dapr = ports[5],
            Kubernetes = ports[6],
            Tokens = ports[7],
            Dashboard = ports[8],
            Telemetry = ports[9],
            DevHealth = ports[10],
            TelemetryHttp = ports[11],
        };
    }

    /// <summary>The ports as a comma-separated list, for another process of the same stack.</summary>
    public override string ToString() => string.Join(',', All.Select(port => port.Port.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Ports that nobody uses now.</summary>
    public static StackPorts Free()
    {
        var taken = new HashSet<int>();
        return new StackPorts
        {
            Api = Next(),
            Orchestrator = Next(),
            ApiHealth = Next(),
            OperatorHealth = Next(),
            OrchestratorHealth = Next(),
            Dapr = Next(),
            Kubernetes = Next(),
            Tokens = Next(),
            Dashboard = Next(),
            Telemetry = Next(),
            DevHealth = Next(),
            TelemetryHttp = Next(),
        };

        int Next()
        {
            while (true)
            {
                var port = RandomNumberGenerator.GetInt32(FirstFree, LastFree);
                if (taken.Add(port) && IsFree(port))
                {
                    return port;
                }
            }
        }
    }

    /// <summary>Makes sure that every port is free, before anything has started.</summary>
    /// <param name="clusters">Number of clusters.</param>
    /// <exception cref="StackException">One is in use; the message says which and what to do.</exception>
    public void RequireFree(int clusters)
    {
        RequireFree(IPAddress.Loopback, All);
        for (var cluster = 2; cluster <= clusters; cluster++)
        {
            RequireFree(StackAddresses.LoopbackOf(cluster), OfCluster);
        }
    }

    private static void RequireFree(IPAddress address, IEnumerable<(string Name, int Port)> ports)
    {
        foreach (var (name, port) in ports)
        {
            if (!IsFree(port, address))
            {
                throw new StackException($"Port {port} for {name} is in use on {address}. Stop what holds it, or choose free ports with --ports auto.");
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
