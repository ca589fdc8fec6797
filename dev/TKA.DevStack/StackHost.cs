using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using TKA.Api;
using TKA.DevEnvironment.Stack;
using TKA.Operator;
using TKA.Orchestrator;

namespace TKA.DevStack;

/// <summary>The whole of TKA in one process: what <c>AppHost.cs</c> composes, without DCP.</summary>
internal sealed class StackHost(CommandLine options) : IAsyncDisposable
{
    private const string Orchestrator = "orchestrator";

    /// <summary>A stack is ready in 3 s on an idle machine; a machine may be much slower, and a failure is said long before.</summary>
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(4);

    private readonly Stack<IAsyncDisposable> _servers = new();
    private readonly ILoggerFactory _loggers = LoggerFactory.Create(logging => ServiceHosting.Quiet(logging, "dev", options));
    private DataDirectory? _data;

    /// <summary>Starts everything, says so, and returns when told to stop.</summary>
    /// <exception cref="StackException">It cannot start, and the user can do something about it.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        ServiceHosting.Isolate();
        _data = DataDirectory.Open(options.Data);
        var files = _data.Files;
        var ports = options.Ports;
        ports.RequireFree(options.Clusters);
        if (options.HostCluster && !options.Yes)
        {
            await HostContext.AskAsync(stop);
        }

        var tailnet = await StackTailnet.FindAsync(options, files, stop);
        var dashboard = Dashboard.Start(Environment.GetEnvironmentVariable, ports.Dashboard, ports.Telemetry);
        if (dashboard is not null)
        {
            _servers.Push(dashboard);
        }

        var clusters = await DevServers.StartAllAsync(DevServersOptions.From(options, files, _loggers), stop);
        foreach (var cluster in clusters)
        {
            _servers.Push(cluster);
        }

        var addresses = new StackAddresses(ports, tailnet.Address);
        await StartServicesAsync(files, tailnet, clusters, dashboard, stop);

        var further = FurtherCluster.Of(options, files);
        await EnvFile.WriteAsync(files, addresses, tailnet, further, [], stop);
        var box = new ReadyBox(files, addresses, tailnet, clusters[0].ClusterUrl) { Dashboard = dashboard?.Frontend, Clusters = further };
        Console.WriteLine(box.Draw(ReadyBox.SinceProcessStart(TimeProvider.System)));
        if (options.Demo)
        {
            await Demo.RunAsync(files, addresses, Console.Out, stop);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task StartServicesAsync(
        StackFiles files, StackTailnet tailnet, IReadOnlyList<DevServers> clusters, Dashboard? dashboard, CancellationToken stop)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var further = clusters.Index().Skip(1).Select(cluster => StartCluster(cluster.Item, cluster.Index + 1, Task.CompletedTask)).ToArray();

        // Finds the further clusters at its first look, so that they are listed when the stack is ready.
        var orchestrator = StartAsync(
            Orchestrator,
            OrchestratorApplication.Create,
            new ComponentSettings(files, options.Ports, tailnet).Orchestrator(),
            Task.WhenAll(further.Select(cluster => cluster.Api)));

        // Registers as it starts.
        var first = StartCluster(clusters[0], 1, orchestrator);
        Task[] ready = [ReadyAsync(orchestrator), .. further.Append(first).SelectMany(cluster => (Task[])[ReadyAsync(cluster.Operator), ReadyAsync(cluster.Api)])];
        try
        {
            await foreach (var one in Task.WhenEach(ready).WithCancellation(stop))
            {
                await one;
            }
        }
        catch
        {
            await failed.CancelAsync();
            await Task.WhenAll(ready).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        (Task<HostedService> Operator, Task<HostedService> Api) StartCluster(DevServers cluster, int number, Task beforeApi)
        {
            var settings = new ComponentSettings(files, options.Ports, number == 1 ? tailnet : StackTailnet.Embedded(files, number), number);
            var suffix = number == 1 ? "" : $"-{number}";
            var operatorService = StartAsync($"operator{suffix}", OperatorApplication.Create, settings.Operator(), Task.CompletedTask);
            return (operatorService, StartAsync($"api{suffix}", ApiApplication.Create, settings.Api(cluster.ClusterUrl, cluster.ClusterCaPem), beforeApi));
        }

        Task<HostedService> StartAsync(
            string name,
            Func<string[], Action<WebApplicationBuilder>?, WebApplication> create,
            IEnumerable<KeyValuePair<string, string?>> configuration,
            Task after) => Task.Run(
                async () =>
                {
                    await after;
                    var service = await HostedService.StartAsync(
                        name, create, builder => ServiceHosting.Configure(builder, name, configuration, dashboard?.Otlp, options), failed.Token);
                    lock (_servers)
                    {
                        _servers.Push(service);
                    }

                    return service;
                },
                failed.Token);

        async Task ReadyAsync(Task<HostedService> starting) => await (await starting).WaitUntilReadyAsync(ReadyDeadline, failed.Token);
    }

    /// <summary>Stops what was started, services first; gives up on a server that hangs, so that the process ends in any case.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_data is not null)
        {
            EnvFile.Remove(_data.Files);
        }

        var stopping = StopAllAsync();
        await Task.WhenAny(stopping, Task.Delay(StopDeadline, TimeProvider.System, CancellationToken.None));
        _loggers.Dispose();
        _data?.Dispose();
    }

    private async Task StopAllAsync()
    {
        // The services are independent of each other, but an API that stops still tells the orchestrator; the servers below them are not.
        foreach (var services in Pop<HostedService>().ToLookup(service => service.Name == Orchestrator).OrderBy(services => services.Key))
        {
            await Task.WhenAll(services.Select(service => service.DisposeAsync().AsTask()));
        }

        while (_servers.TryPop(out var server))
        {
            await server.DisposeAsync();
        }
    }

    private IEnumerable<T> Pop<T>()
    {
        while (_servers.TryPeek(out var server) && server is T one)
        {
            _servers.Pop();
            yield return one;
        }
    }
}
