using System.Net;
using TKA.DevEnvironment.Shared;

namespace TKA.DevEnvironment.Stack;

/// <summary>
/// The servers as a process of their own, for an Aspire AppHost. It says that they are ready by answering on a port; everything
/// else (the services, the env file, the ready box) is the AppHost's part.
/// </summary>
internal static class DevProgram
{
    public static Task<int> RunAsync(string[] args) => StackExit.RunAsync(() => CommandLine.Parse(args), RunAsync);

    private static async Task RunAsync(CommandLine options, CancellationToken stop)
    {
        using var telemetry = DevTelemetry.Start();
        using var data = DataDirectory.Open(options.Data, servers: true);
        using var loggers = LoggerFactory.Create(logging =>
            logging.AddProvider(new ConsoleLog("dev", options.Verbose ? LogLevel.Information : LogLevel.Warning)));
        var servers = DevServersOptions.From(options, data.Files, loggers);
        var clusters = await DevServers.StartAllAsync(servers, stop);
        try
        {
            await using var health = await StartHealthAsync(options.Ports.DevHealth, servers.DaprPause, stop);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            await Task.WhenAll(clusters.Select(cluster => cluster.DisposeAsync().AsTask()));
        }
    }

    /// <summary>Answers only once everything here is ready; before, the connection is refused.</summary>
    private static async Task<WebApplication> StartHealthAsync(int port, DaprPause dapr, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        var app = builder.Build();
        app.Run(context =>
        {
            switch (context.Request.Method, context.Request.Path.Value)
            {
                case ("POST", DevControl.PauseDapr):
                    dapr.Pause();
                    break;
                case ("POST", DevControl.ResumeDapr):
                    dapr.Resume();
                    break;
            }

            return context.Response.WriteAsync("ok", context.RequestAborted);
        });
        await app.StartAsync(cancellationToken);
        return app;
    }
}
