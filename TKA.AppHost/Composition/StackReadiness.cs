using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Composition;

/// <summary>
/// Says that the stack is ready, when every service is: writes the env file, prints the box, runs the demo. A process that ends before
/// that ends the whole stack, with its own last words on the terminal.
/// </summary>
internal sealed class StackReadiness(
    TkaDevEnvironment dev,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    ResourceCommandService commands,
    IHostApplicationLifetime lifetime,
    IConfiguration configuration) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan OutputDelay = TimeSpan.FromSeconds(5);

    private readonly string[] _services = ["orchestrator", .. Enumerable.Range(1, dev.Launch.Options.Clusters).SelectMany(ClusterResources.Services)];
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;
    private bool _isStopping;

    /// <summary>Begins to watch before Aspire starts the first resource: its own start returns only when all of them have started.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() => EnvFile.Remove(dev.Launch.Files));
        _work = Task.Run(WatchAsync, _stop.Token);
        return Task.CompletedTask;
    }

    /// <summary>Stops the services before Aspire stops everything at once: a service whose cluster is gone first waits for its answers.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // A test host stops the application once more when it is disposed.
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        await _stop.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_services.Select(service => commands.ExecuteCommandAsync(service, KnownResourceCommands.StopCommand, cancellationToken)));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task WatchAsync()
    {
        try
        {
            if (await FirstFailureAsync(_stop.Token) is { } failed)
            {
                throw new StackException(await LastWordsAsync(failed, _stop.Token));
            }

            await AnnounceAsync(_stop.Token);
        }
        catch (StackException exception)
        {
            dev.Launch.Fail(exception.Message);
            lifetime.StopApplication();
        }
    }

    /// <summary>Returns null when all services are healthy, or the first that ended before that.</summary>
    private async Task<ResourceEvent?> FirstFailureAsync(CancellationToken cancellationToken)
    {
        var resources = _services.Append("dev-environment").ToHashSet();
        var waiting = resources.ToHashSet();
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            if (!resources.Contains(change.Resource.Name))
            {
                continue;
            }

            if (KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text ?? ""))
            {
                return change;
            }

            if (change.Snapshot is { HealthStatus: HealthStatus.Healthy, State.Text: "Running" })
            {
                waiting.Remove(change.Resource.Name);
            }

            if (waiting.Count == 0)
            {
                return null;
            }
        }

        return null;
    }

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        var (files, tailnet) = (dev.Launch.Files, dev.Launch.Tailnet);
        var addresses = new StackAddresses(dev.Ports, tailnet.Address);
        var further = FurtherCluster.Of(dev.Launch.Options, files);
        await EnvFile.WriteAsync(files, addresses, tailnet, further, DashboardAddresses.TelemetryOf(configuration), cancellationToken);
        var box = new ReadyBox(files, addresses, tailnet, dev.ClusterUrl) { Dashboard = DashboardAddresses.LoginOf(configuration), Clusters = further };
        Console.WriteLine(box.Draw(ReadyBox.SinceProcessStart(TimeProvider.System)));
        if (dev.Launch.Options.Demo)
        {
            await Demo.RunAsync(files, addresses, Console.Out, cancellationToken);
        }
    }

    /// <summary>What the process said that is wrong. DCP delivers its output a moment after its end.</summary>
    private async Task<string> LastWordsAsync(ResourceEvent failed, CancellationToken cancellationToken)
    {
        const string Mark = "error: ";
        const string OfDcp = "[sys]";
        var last = "its console log is empty";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(OutputDelay);
        try
        {
            await foreach (var lines in logs.WatchAsync(failed.ResourceId).WithCancellation(limit.Token))
            {
                foreach (var line in lines.Select(line => line.Content).Where(line => !line.Contains(OfDcp, StringComparison.Ordinal)))
                {
                    last = line;
                    if (line.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at)
                    {
                        return $"{failed.Resource.Name} did not start: {line[(at + Mark.Length)..]}";
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // There is no such line; the last one has to do.
        }

        return $"{failed.Resource.Name} did not start: {last}";
    }
}
