using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using TKA.AppHost.Composition;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Commands;

/// <summary>Commands that break something, to see what the rest makes of it.</summary>
internal static class FaultCommands
{
    private const string ProcessId = "executable.pid";

    /// <summary>Adds a command that kills the process without a signal that it could handle. <c>Start</c> brings it back.</summary>
    public static void WithCrashCommand(this IResourceBuilder<ProjectResource> service) => service.WithTkaCommand(
        "crash",
        "Crash",
        "Bug",
        context =>
        {
            var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
            if (!notifications.TryGetCurrentState(context.ResourceName, out var current)
                || current.Snapshot.Properties.FirstOrDefault(property => property.Name == ProcessId)?.Value is not { } id)
            {
                return Task.FromResult(CommandResults.Failure("The process is not known."));
            }

            using var process = Process.GetProcessById(Convert.ToInt32(id, CultureInfo.InvariantCulture));
            process.Kill(entireProcessTree: true);
            return Task.FromResult(CommandResults.Success("Killed. Start brings it back."));
        },
        new CommandOptions { Description = "Kills the process as a crash would: no lease is given back, nothing is cleaned up.", ConfirmationMessage = "Kill the process?" });

    /// <summary>Adds commands that make the embedded Dapr hang, and answer again.</summary>
    public static void WithPauseCommands(this IResourceBuilder<DevServerResource> dapr, TkaDevEnvironment dev) => dapr
        .WithTkaCommand("pause", "Pause", "Pause", context => SendAsync(dev, DevControl.PauseDapr, "Dapr takes requests and answers none.", context), new CommandOptions
        {
            Description = "Requests to Dapr hang. Sessions must start and end all the same.",
        })
        .WithTkaCommand("resume", "Resume", "Play", context => SendAsync(dev, DevControl.ResumeDapr, "Dapr answers again.", context), new CommandOptions
        {
            Description = "Ends the pause.",
        });

    private static async Task<ExecuteCommandResult> SendAsync(TkaDevEnvironment dev, string path, string done, ExecuteCommandContext context)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{dev.Ports.DevHealth}{path}"), null, context.CancellationToken);
        return answer.IsSuccessStatusCode ? CommandResults.Success(done) : CommandResults.Failure($"The development environment answered {(int)answer.StatusCode}.");
    }
}
