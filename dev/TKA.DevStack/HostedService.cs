using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.DevEnvironment.Stack;

namespace TKA.DevStack;

/// <summary>One of the services, in this process.</summary>
internal sealed class HostedService : IAsyncDisposable
{
    /// <summary>Between two looks at a service that is not ready yet; in-process, a look costs next to nothing.</summary>
    private static readonly TimeSpan ReadinessInterval = TimeSpan.FromMilliseconds(20);

    private readonly WebApplication _app;

    private HostedService(string name, WebApplication app) => (Name, _app) = (name, app);

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Builds and starts a service.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="create">The service's <c>XxxApplication.Create</c>.</param>
    /// <param name="configure">Runs on its builder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<HostedService> StartAsync(
        string name,
        Func<string[], Action<WebApplicationBuilder>?, WebApplication> create,
        Action<WebApplicationBuilder> configure,
        CancellationToken cancellationToken)
    {
        var app = create([], configure);
        try
        {
            await app.StartAsync(cancellationToken);
            return new HostedService(name, app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the service says that it is ready, by the checks that also answer <c>/readyz</c>.</summary>
    /// <exception cref="StackException">It has stopped.</exception>
    /// <exception cref="TimeoutException">It does not become ready in time; the message says which checks fail.</exception>
    public async Task WaitUntilReadyAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (_app.Services.GetService<HealthCheckService>() is not { } health)
        {
            return;
        }

        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var report = await health.CheckHealthAsync(check => check.Tags.Contains("ready"), cancellationToken);
            if (report.Status is not HealthStatus.Unhealthy)
            {
                return;
            }

            if (_app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                throw new StackException($"The {Name} has stopped; --verbose shows why.");
            }

            if (TimeProvider.System.GetElapsedTime(started) > deadline)
            {
                throw new TimeoutException($"The {Name} is not ready after {deadline.TotalSeconds:0} s: {Describe(report)}.");
            }

            await Task.Delay(ReadinessInterval, TimeProvider.System, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private static string Describe(HealthReport report) => string.Join(", ", report.Entries
        .Where(entry => entry.Value.Status is HealthStatus.Unhealthy)
        .Select(entry => string.IsNullOrEmpty(entry.Value.Description) ? entry.Key : $"{entry.Key} ({entry.Value.Description})"));
}
