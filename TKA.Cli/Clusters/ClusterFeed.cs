using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Terminal;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;

namespace TKA.Cli.Clusters;

/// <summary>Changes of the orchestrator's registry, printed as they come until the command is interrupted.</summary>
internal static class ClusterFeed
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The orchestrator says something every 30 s; after three times that the connection counts as dead.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(100);

    /// <summary>Follows the changes. A connection that ends is opened again after the last event that was seen.</summary>
    /// <exception cref="CliException">The orchestrator cannot be reached at the start, or refuses.</exception>
    public static async Task FollowAsync(CommandContext context, string? selector, CancellationToken cancellationToken)
    {
        if (context.Configuration[ConfigKey.Orchestrator].Length == 0)
        {
            throw new CliException(ErrorCodes.OrchestratorUnset, ExitCode.Unusable, "Only an orchestrator tells of changes, and none is configured.", ["Name it with --orchestrator HOST, or leave --watch out."]);
        }

        using var transport = context.CreateTransport(ServerAddress.ForOrchestrator(context.Configuration));
        var path = $"{ApiRoutes.Clusters}?watch=true" + (selector is null ? "" : $"&label_selector={Uri.EscapeDataString(selector)}");
        var known = new ClusterChanges();
        var last = "";
        while (true)
        {
            using var silence = new CancellationTokenSource(Silence, context.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
            try
            {
                using var response = await transport.OpenAsync(path, "text/event-stream", last, either.Token);
                var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(either.Token));
                known.Begin();
                await foreach (var change in parser.EnumerateAsync(either.Token))
                {
                    silence.CancelAfter(Silence);
                    last = parser.LastEventId;
                    foreach (var (kind, cluster) in known.Take(change.EventType, change.Data))
                    {
                        Print(context, kind, cluster);
                    }
                }
            }
            catch (Exception exception) when (last.Length > 0
                && (exception is CliException or IOException or HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)))
            {
                if (context.Debug)
                {
                    CliConsole.Debug($"The watch ended: {exception.Message}");
                }
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw TransportErrors.TimedOut(transport.Server, Silence, exception);
            }

            await Task.Delay(Pause, context.Clock, cancellationToken);
        }
    }

    private static void Print(CommandContext context, string kind, Cluster cluster)
    {
        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                CliConsole.WriteLine(new JsonObject { ["type"] = kind, ["object"] = JsonSerializer.SerializeToNode(cluster, ContractsJsonContext.Default.Cluster) }.ToJsonString());
                break;
            case OutputFormat.Name:
                CliConsole.WriteLine(SafeText.Clean(cluster.Name));
                break;
            default:
                CliConsole.WriteLine(SafeText.Clean($"{kind,-8}  {cluster.Name}  {cluster.Status}  {ClusterTable.Labels(cluster)}").TrimEnd());
                break;
        }
    }
}
