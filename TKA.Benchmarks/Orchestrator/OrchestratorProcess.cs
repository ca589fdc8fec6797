using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TKA.Benchmarks.Orchestrator;

/// <summary>
/// The orchestrator in a process of its own, so that its processor time and memory are told apart from those of tailnet, state store and
/// clients. It gets what the chart gives it: the workstation collector, and of a limit of 512 MiB the three quarters that .NET takes for
/// its heap.
/// </summary>
internal sealed class OrchestratorProcess : IDisposable
{
    private const string HeapLimit = "0x18000000";

    private readonly Process _process;

    private OrchestratorProcess(Process process, Uri url) => (_process, Url) = (process, url);

    /// <summary>Where it serves.</summary>
    public Uri Url { get; }

    /// <summary>Processor time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory now and at its highest, in MiB.</summary>
    public (long Now, long Peak) Memory
    {
        get
        {
            _process.Refresh();
            return (_process.WorkingSet64 >> 20, _process.PeakWorkingSet64 >> 20);
        }
    }

    /// <summary>Starts it; ready on return.</summary>
    /// <param name="tailscaled">Socket of tailscaled.</param>
    /// <param name="dapr">Dapr's gRPC API.</param>
    public static async Task<OrchestratorProcess> StartAsync(string tailscaled, Uri dapr)
    {
        var (port, management) = (FreePort(), FreePort());
        var program = Path.Combine(AppContext.BaseDirectory, "TKA.Orchestrator.dll");
        var start = new ProcessStartInfo("dotnet", [program]) { WorkingDirectory = Path.GetTempPath() };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["DOTNET_gcServer"] = "0",
            ["DOTNET_GCHeapHardLimit"] = HeapLimit,
            ["Logging__LogLevel__Default"] = "Error",
            ["tailscale__socket"] = tailscaled,
            ["tailscale__port"] = Text(port),
            ["tailscale__tls"] = "false",
            ["server__address"] = "127.0.0.1",
            ["server__port"] = Text(port),
            ["management__address"] = "127.0.0.1",
            ["management__port"] = Text(management),
            ["orchestrator__allowHttp"] = "true",

            // No node answers on this port. Discovery finds nothing, and all clusters of the benchmark come by registration.
            ["orchestrator__clusterPort"] = "1",
            ["DAPR_GRPC_ENDPOINT"] = dapr.ToString(),
        })
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{management}") };
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(3) && !process.HasExited)
        {
            try
            {
                using var ready = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
                if (ready.IsSuccessStatusCode)
                {
                    return new OrchestratorProcess(process, new Uri($"http://127.0.0.1:{port}"));
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        process.Kill();
        throw new InvalidOperationException("The orchestrator did not become ready.");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
