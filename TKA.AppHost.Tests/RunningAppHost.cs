using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Tests.EndToEnd;
using Xunit;

namespace TKA.AppHost.Tests;

/// <summary>The AppHost with all its resources, on free ports and in a directory of its own. Its services export traces to a collector here.</summary>
public sealed class RunningAppHost : IAsyncLifetime
{
    private static readonly string[] Exporting = ["dev-environment", "operator", "orchestrator", "api"];

    /// <summary>Only a failure waits for it, and the machine may be ten times slower than usual.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>The parameter <c>max-period</c> of this run.</summary>
    internal const string MaxPeriod = "9h";

    private readonly string _directory = Directory.CreateTempSubdirectory("tka-aspire-").FullName;
    private OtlpCollector? _collector;

    internal DistributedApplication App { get; private set; } = null!;

    internal OtlpCollector Collector => _collector!;

    /// <summary>The lines of the env file, which is there when everything is ready.</summary>
    internal IReadOnlyDictionary<string, string> Env { get; private set; } = null!;

    internal string EnvFile => Path.Combine(_directory, "data", "env");

    /// <summary>What the resources printed until the stack was ready, each line after the name of its resource.</summary>
    internal IReadOnlyList<string> StartLog { get; private set; } = [];

    /// <summary>Home directory of the person who signs in.</summary>
    internal string Home => Path.Combine(_directory, "home");

    public async ValueTask InitializeAsync()
    {
        using var limit = new CancellationTokenSource(Deadline);
        _collector = await OtlpCollector.StartAsync();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.TKA_AppHost>(
            ["--data", Path.Combine(_directory, "data"), "--ports", "auto", $"--Parameters:max-period={MaxPeriod}"], limit.Token);
        builder.Services.AddLogging(logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        foreach (var name in Exporting)
        {
            var service = builder.CreateResourceBuilder<ProjectResource>(name);
            foreach (var (key, value) in _collector.SettingsFor(name))
            {
                service.WithEnvironment(key, value);
            }
        }

        App = await builder.BuildAsync(limit.Token);
        await App.StartAsync(limit.Token);
        while (!File.Exists(EnvFile))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }

        StartLog = await LogAsync(limit.Token);
        Env = (await File.ReadAllLinesAsync(EnvFile, limit.Token)).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        Assert.False(File.Exists(EnvFile), "The env file is gone when the stack has stopped.");
        if (_collector is not null)
        {
            await _collector.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Runs <c>tka</c> as the first person of the policy.</summary>
    internal Task<(int ExitCode, string Output)> TkaAsync(params string[] arguments) => Commands.RunAsync(
        "dotnet",
        [Repository.Assembly("TKA.Cli", "tka"), .. arguments],
        [
            .. Env,
            new("HOME", Home),
            new("XDG_CONFIG_HOME", Path.Combine(Home, "config")),
            new("XDG_STATE_HOME", Path.Combine(Home, "state")),
            .. Collector.SettingsFor("tka").Select(setting => new KeyValuePair<string, string>(setting.Key, setting.Value!)),
        ]);

    /// <summary>What the resources have printed so far, each line after the name of its resource.</summary>
    internal async Task<IReadOnlyList<string>> LogAsync(CancellationToken cancellationToken)
    {
        var logs = App.Services.GetRequiredService<ResourceLoggerService>();
        List<string> result = [];
        foreach (var name in Exporting)
        {
            await foreach (var lines in logs.GetAllAsync(App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == name)).WithCancellation(cancellationToken))
            {
                result.AddRange(lines.Select(line => $"{name}: {(line.IsErrorMessage ? "stderr: " : "")}{line.Content}"));
            }
        }

        return result;
    }

    /// <summary>Runs a command of a resource, as its button in the dashboard does.</summary>
    internal Task<ExecuteCommandResult> CommandAsync(string resource, string command, params (string Name, string Value)[] arguments) =>
        App.ResourceCommands.ExecuteCommandAsync(
            resource,
            command,
            new InteractionInputCollection(
                [.. arguments.Select(argument => new InteractionInput { Name = argument.Name, InputType = InputType.Text, Value = argument.Value })]),
            TestContext.Current.CancellationToken);

    /// <summary>Waits until a resource is healthy.</summary>
    internal async Task HealthyAsync(string resource)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Deadline);

        // A restart shows the end of the old process too, which must not end the wait for the new one.
        await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, limit.Token);
    }
}
