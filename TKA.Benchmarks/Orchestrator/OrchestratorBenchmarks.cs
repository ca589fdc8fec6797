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
using TKA.Orchestrator;

namespace TKA.Benchmarks.Orchestrator;

/// <summary>
/// Many clusters at one replica of the orchestrator, each a node of an embedded tailnet, over HTTP: first registrations (each with a look
/// back at the node), heartbeats, lists, watchers. Tailnet, Dapr state and clients run in the same process, and count.
/// </summary>
internal static class OrchestratorBenchmarks
{
    private const int AtOnce = 64;
    private const int Lists = 300;
    private const int Watchers = 1000;
    private static long Bytes;

    /// <summary>Runs all and prints the figures.</summary>
    /// <param name="clusters">How many clusters, at most 60,000.</param>
    public static async Task RunAsync(int clusters)
    {
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
        await using var app = OrchestratorApplication.Create([], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Configuration["tailscale:socket"] = tailnet.SocketPath;
            builder.Configuration["tailscale:port"] = "0";
            builder.Configuration["tailscale:tls"] = "false";
            builder.Configuration["server:address"] = "127.0.0.1";
            builder.Configuration["management:address"] = "127.0.0.1";
            builder.Configuration["management:port"] = "0";
            builder.Configuration["orchestrator:allowHttp"] = "true";
            builder.Configuration["orchestrator:clusterPort"] = "1";
            builder.Configuration["DAPR_GRPC_ENDPOINT"] = dapr.GrpcEndpoint.ToString();
        });
        await app.StartAsync();
        var management = app.Services.GetRequiredService<TKA.ServiceDefaults.Management.ManagementListener>().Uri.Port;
        var url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(address => new Uri(address).Port != management));

        Print("registrations", await Measurement.RunAsync(AtOnce, clusters, (_, i) => BeatAsync(url, port, i)));
        Bytes = 0;
        Print("heartbeats", await Measurement.RunAsync(AtOnce, clusters, (_, i) => BeatAsync(url, port, i)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bytes of the bodies of a heartbeat, both ways: {Bytes / clusters}"));

        using var alice = ClientFrom(IPAddress.Loopback, url);
        Print("pages of 500", await Measurement.RunAsync(4, Lists, async (_, _) => await alice.GetByteArrayAsync($"{ApiRoutes.Clusters}?limit=500")));
        Print("whole lists", await Measurement.RunAsync(1, Lists / 10, async (_, _) => await alice.GetByteArrayAsync(ApiRoutes.Clusters)));

        var watching = await WatchAsync(alice);
        Print($"heartbeats with {watching.Count} watchers", await Measurement.RunAsync(AtOnce, clusters, (_, i) => BeatAsync(url, port, i)));
        watching.ForEach(watch => watch.Dispose());
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"resident: {process.WorkingSet64 >> 20} MB, managed heap after collection: {GC.GetTotalMemory(true) >> 20} MB"));
        await app.StopAsync();
    }

    private static void Print(string what, Measurement measured) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: p50 {measured.P50.TotalMilliseconds:0.0} ms, p99 {measured.P99.TotalMilliseconds:0.0} ms, {measured.PerSecond:0}/s, CPU of one {measured.Cpu.TotalMilliseconds:0.00} ms"));

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
                    Labels = new Dictionary<string, string> { ["env"] = "prod", ["region"] = "eu" },
                },
                ContractsJsonContext.Default.ClusterInfo);
        });
        await app.StartAsync();
        return app;
    }

    private static int PortOf(WebApplication app) =>
        new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    private static async Task BeatAsync(Uri url, int port, int cluster)
    {
        using var client = ClientFrom(AddressOf(cluster), url);
        var entry = new Contracts.Orchestrator.Cluster { Name = $"tka-{cluster}", ApiEndpoint = $"https://tka-{cluster}.example.com:6443", TkaEndpoint = $"http://tka-{cluster}:{port}" };
        using var response = await client.PostAsJsonAsync(ApiRoutes.Clusters, entry, ContractsJsonContext.Default.Cluster);
        response.EnsureSuccessStatusCode();
        Interlocked.Add(ref Bytes, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(entry, ContractsJsonContext.Default.Cluster).Length
            + (await response.Content.ReadAsByteArrayAsync()).Length);
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
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = url, Timeout = TimeSpan.FromMinutes(5) };

    private static async Task<List<HttpResponseMessage>> WatchAsync(HttpClient client)
    {
        var responses = new List<HttpResponseMessage>();
        var measured = await Measurement.RunAsync(16, Watchers, async (_, _) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{ApiRoutes.Clusters}?watch=true&label_selector=env%3Ddev");
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            response.EnsureSuccessStatusCode();
            lock (responses)
            {
                responses.Add(response);
            }
        });
        Print("opening a watch", measured);
        return responses;
    }
}
