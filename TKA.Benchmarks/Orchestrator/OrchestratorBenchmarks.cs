using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Benchmarks.Api;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.DevEnvironment.Dapr;
using TKA.DevEnvironment.Tailnet;

namespace TKA.Benchmarks.Orchestrator;

/// <summary>
/// Many clusters at one replica of the orchestrator, each a node of an embedded tailnet, over HTTP: first registrations (each with a look
/// back at the node), heartbeats, lists, watchers. Processor time and memory are those of the orchestrator, which is a process of its own.
/// </summary>
internal static class OrchestratorBenchmarks
{
    private const int AtOnce = 16;
    private const int Lists = 300;
    private const int Watchers = 1000;

    /// <summary>Clusters that change while watched: each change goes to every watcher.</summary>
    private const int Changes = 20;

    private const int MostTries = 5;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    private static volatile bool IsChanged;

    /// <summary>Runs all and prints the figures.</summary>
    /// <param name="clusters">How many clusters, at most 60,000.</param>
    public static async Task RunAsync(int clusters)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var directory = Directory.CreateTempSubdirectory("tka-bench-");
        await RunAsync(directory.FullName, clusters);
        directory.Delete(recursive: true);
    }

    private static async Task RunAsync(string directory, int clusters)
    {
        await using var tailnet = await StartTailnetAsync(directory, clusters);
        await using var dapr = await EmbeddedDapr.StartAsync(new EmbeddedDaprOptions { DataDirectory = directory });
        await using var nodes = await StartNodesAsync();
        var port = PortOf(nodes);
        using var orchestrator = await OrchestratorProcess.StartAsync(tailnet.SocketPath, dapr.GrpcEndpoint);
        var url = orchestrator.Url;
        using var alice = ClientFrom(IPAddress.Loopback, url);

        await MeasureAsync("registrations", AtOnce, clusters, i => BeatAsync(url, port, i));
        CountingStream.Take();
        await MeasureAsync("heartbeats", AtOnce, clusters, i => BeatAsync(url, port, i));
        Console.WriteLine($"bytes of a heartbeat, both ways with headers: {CountingStream.Take() / clusters}");
        await MeasureAsync("pages of 500", 4, Lists, _ => alice.GetByteArrayAsync($"{ApiRoutes.Clusters}?limit=500"));
        await MeasureAsync("whole lists", 1, Lists / 10, _ => alice.GetByteArrayAsync(ApiRoutes.Clusters));
        await RestAsync("at rest");

        using var watching = new Watching(alice);
        await MeasureAsync("opening a watch", 16, Watchers, _ => watching.OpenAsync());
        IsChanged = true;
        var before = orchestrator.Cpu;
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Changes; i++)
        {
            watching.Expect($"tka-{i}");
            await BeatAsync(url, port, i, "1.0.1");
        }

        var arrivals = await watching.ArrivedAsync(Changes * Watchers);
        Console.WriteLine($"{Changes} changes to {Watchers} watchers: {arrivals.Count} events arrived in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, "
            + $"after the heartbeat p50 {arrivals[arrivals.Count / 2].TotalMilliseconds:0} ms, p99 {arrivals[(int)(arrivals.Count * 0.99)].TotalMilliseconds:0} ms, "
            + $"CPU of an event {(orchestrator.Cpu - before).TotalMicroseconds / arrivals.Count:0} µs");
        await MeasureAsync($"heartbeats with {Watchers} watchers", AtOnce, clusters, i => BeatAsync(url, port, i, "1.0.1"));
        await RestAsync($"at rest with {Watchers} watchers");

        async Task MeasureAsync(string what, int users, int count, Func<int, Task> operation)
        {
            var cpu = orchestrator.Cpu;
            var measured = await Measurement.RunAsync(users, count, (_, i) => operation(i));
            var (now, peak) = orchestrator.Memory;
            Console.WriteLine($"{what}: p50 {measured.P50.TotalMilliseconds:0.0} ms, p99 {measured.P99.TotalMilliseconds:0.0} ms, {measured.PerSecond:0}/s, "
                + $"CPU of one {(orchestrator.Cpu - cpu).TotalMilliseconds / count:0.00} ms, memory {now} MiB, at most {peak} MiB");
        }

        async Task RestAsync(string what)
        {
            var cpu = orchestrator.Cpu;
            await Task.Delay(Rest, TimeProvider.System);
            var (now, peak) = orchestrator.Memory;
            Console.WriteLine($"{what}: {(orchestrator.Cpu - cpu) / Rest:P0} of a core, memory {now} MiB, at most {peak} MiB");
        }
    }

    private static IPAddress AddressOf(int cluster) => new([127, 0, (byte)(1 + (cluster / 250)), (byte)(1 + (cluster % 250))]);

    private static async Task<EmbeddedTailnet> StartTailnetAsync(string directory, int clusters)
    {
        var devices = new JsonObject { ["127.0.0.1"] = new JsonObject { ["name"] = "laptop", ["user"] = "alice@example.com" } };
        for (var i = 0; i < clusters; i++)
        {
            devices[AddressOf(i).ToString()] = new JsonObject { ["name"] = $"tka-{i}", ["tags"] = new JsonArray("tag:tka") };
        }

        var policy = new JsonObject
        {
            ["tagOwners"] = new JsonObject { ["tag:tka"] = new JsonArray() },
            ["grants"] = new JsonArray(JsonNode.Parse("""{"src":["alice@example.com"],"dst":["tag:tka"],"app":{"specht-labs.de/cap/tka":[{"role":"view","period":"8h"}]}}""")),
            ["devices"] = devices,
        };
        var path = Path.Combine(directory, "policy.hujson");
        await File.WriteAllTextAsync(path, policy.ToJsonString());
        return await EmbeddedTailnet.StartAsync(new EmbeddedTailnetOptions { SocketPath = Path.Combine(directory, "tailscaled.sock"), PolicyPath = path });
    }

    /// <summary>Answers for every node: the embedded tailnet leads tagged nodes without a listener of their own to 127.0.0.1.</summary>
    private static async Task<WebApplication> StartNodesAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet(ApiRoutes.ClusterInfo, (HttpRequest request) =>
        {
            var name = request.Host.Host.Split('.')[0];
            return Results.Json(
                new ClusterInfo
                {
                    Name = name,
                    ServerUrl = $"https://{name}.example.com:6443",
                    InstallationId = name,
                    CaData = Convert.ToBase64String(new byte[1024]),
                    Version = "1.0.0",
                    KubernetesVersion = "v1.36.0",
                    SignsIn = true,
                    Labels = new Dictionary<string, string> { ["env"] = "prod", ["region"] = "eu", ["watched"] = IsChanged && IsWatched(name) ? "yes" : "no" },
                },
                ContractsJsonContext.Default.ClusterInfo);
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>
    /// Whether a cluster is one of those that change. The others stay as they are: a heartbeat ten periods after the last look has the
    /// node looked at anew, and if all of them had the label then, each would go to every watcher.
    /// </summary>
    private static bool IsWatched(string name) => int.Parse(name["tka-".Length..], CultureInfo.InvariantCulture) < Changes;

    private static int PortOf(WebApplication app) =>
        new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    private static async Task BeatAsync(Uri url, int port, int cluster, string version = "1.0.0")
    {
        using var client = ClientFrom(AddressOf(cluster), url);
        var entry = new Contracts.Orchestrator.Cluster
        {
            Name = $"tka-{cluster}",
            ApiEndpoint = $"https://tka-{cluster}.example.com:6443",
            TkaEndpoint = $"http://tka-{cluster}:{port}",
            Version = cluster < Changes ? version : "1.0.0",
        };
        for (var tries = 0; ; tries++)
        {
            using var response = await client.PostAsJsonAsync(ApiRoutes.Clusters, entry, ContractsJsonContext.Default.Cluster);
            var answer = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            // On a busy machine the look back at the node may take longer than the orchestrator waits; an API tries again, too.
            if (tries == MostTries)
            {
                throw new InvalidOperationException(answer);
            }
        }
    }

    private static HttpClient ClientFrom(IPAddress source, Uri url) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(source, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new CountingStream(new NetworkStream(socket, ownsSocket: true));
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = url, Timeout = TimeSpan.FromMinutes(5) };
}
