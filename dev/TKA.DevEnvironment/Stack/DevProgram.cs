using TKA.DevEnvironment.Shared;
using System.Net;
using System.Net.Sockets;

namespace TKA.DevEnvironment.Stack;

/// <summary>
/// The servers as a process of their own, for an Aspire AppHost: starts them, says that they are ready on a port, and when the
/// services are ready too writes the env file and prints the box.
/// </summary>
internal static class DevProgram
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int WrongUsage = 2;
    private static readonly TimeSpan ReadinessInterval = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(string[] args)
    {
        using var signals = new ShutdownSignals();
        try
        {
            var options = CommandLine.Parse(args);
            if (options.ShowHelp)
            {
                Console.WriteLine(CommandLine.Help);
            }
            else
            {
                await RunAsync(options, signals.Token);
            }

            return Success;
        }
        catch (CommandLineException exception)
        {
            return Fail(WrongUsage, exception);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return Success;
        }
        catch (Exception exception) when (exception is StackException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return Fail(Failure, exception);
        }
    }

    private static async Task RunAsync(CommandLine options, CancellationToken stop)
    {
        using var data = DataDirectory.Open(options.Data);
        if (options.HostCluster && !options.Yes)
        {
            await HostClusterConsent.AskAsync(stop);
        }

        using var loggers = LoggerFactory.Create(logging =>
            logging.AddProvider(new ConsoleLog("dev", options.Verbose ? LogLevel.Information : LogLevel.Warning)));
        await using var stack = await DevServers.StartAsync(DevServersOptions.From(options, data.Files, loggers), stop);
        await using var health = await StartHealthAsync(options.Ports.DevHealth, stop);

        var addresses = new StackAddresses(options.Ports);
        await Task.WhenAll(new[] { addresses.OperatorHealth, addresses.OrchestratorHealth, addresses.ApiHealth }
            .Select(service => WaitUntilReadyAsync(service, stop)));
        await EnvFile.WriteAsync(data.Files, addresses, options.HostTailnet ? "" : data.Files.TailscaledSocket, stop);
        Console.WriteLine(ReadyBox.Draw(data.Files, addresses, stack.ClusterUrl, null, ReadyBox.SinceProcessStart(TimeProvider.System)));
        if (options.Demo)
        {
            await Demo.RunAsync(data.Files, addresses, Console.Out, stop);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        EnvFile.Remove(data.Files);
    }

    /// <summary>Answers only once everything here is ready; before, the connection is refused.</summary>
    private static async Task<WebApplication> StartHealthAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("ok", context.RequestAborted));
        await app.StartAsync(cancellationToken);
        return app;
    }

    /// <summary>The services are other processes, so there is nothing to wait on but their answer.</summary>
    private static async Task WaitUntilReadyAsync(Uri service, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = service };
        while (true)
        {
            try
            {
                using var response = await http.GetAsync("readyz", cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
            {
                // Not started yet.
            }

            await Task.Delay(ReadinessInterval, TimeProvider.System, cancellationToken);
        }
    }

    private static int Fail(int code, Exception exception)
    {
        Console.Error.WriteLine($"error: {exception.Message.ReplaceLineEndings(" ")}");
        return code;
    }
}
