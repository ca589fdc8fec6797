using Microsoft.Extensions.Options;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;

namespace TKA.Operator.Sessions;

/// <summary>
/// <c>TKA.Operator end-sessions</c>: deletes every TkaSignin and waits until the running operator has revoked its access. What an
/// uninstallation does first, because only a running operator removes what lies outside the sessions' namespace.
/// </summary>
internal static class EndSessionsCommand
{
    /// <summary>First argument that asks for it.</summary>
    public const string Command = "end-sessions";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Runs the command with the operator's own settings.</summary>
    /// <param name="args">Arguments after the command's name.</param>
    /// <param name="output">Where progress goes.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Exit code 0.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken)
    {
        await using var services = OperatorServices.ForCommand(args);
        var sessions = services.GetRequiredService<IOptions<OperatorOptions>>().Value.Namespace;
        var signins = new ResourceClient<TkaSignin>(services.GetRequiredService<KubernetesTransport>(), ResourceTypes.TkaSignins, sessions);
        await RunAsync(signins, output, TimeProvider.System, cancellationToken);
        return 0;
    }

    /// <summary>Ends all sessions of a namespace.</summary>
    public static async Task RunAsync(ResourceClient<TkaSignin> signins, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        var before = -1;
        while (true)
        {
            var left = (await signins.ListAsync(null, cancellationToken)).Items;
            if (left.Count == 0)
            {
                await output.WriteLineAsync("No session is left.");
                return;
            }

            if (left.Count != before)
            {
                await output.WriteLineAsync($"Ending {left.Count} session(s).");
                before = left.Count;
            }

            foreach (var signin in left.Where(item => item.Metadata.DeletionTimestamp is null))
            {
                await signins.DeleteAsync(signin.Metadata.Name, signin.Metadata.Uid, cancellationToken);
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }
}
