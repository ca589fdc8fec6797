using System.Net.Sockets;
using TKA.Kubernetes.Client;

namespace TKA.Api.Http;

/// <summary>
/// How long to wait for somebody else's answer. Whoever is gone is given up on soon, so that the caller hears of it within two
/// seconds; whoever is only slow, because it still answers other questions, is waited for longer.
/// </summary>
internal static class Patience
{
    /// <summary>Makes a request under a deadline.</summary>
    /// <param name="request">The request.</param>
    /// <param name="signOfLife">Asks the same server something it answers at once; ends when it has answered, in whatever way.</param>
    /// <param name="silent">How long to wait for a server that gives no sign of life.</param>
    /// <param name="slow">How long to wait for one that does.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The time is up, or the caller has gone.</exception>
    public static async Task<T> WaitAsync<T>(
        Func<CancellationToken, Task<T>> request, Func<CancellationToken, Task> signOfLife, TimeSpan silent, TimeSpan slow, CancellationToken cancellationToken)
    {
        // Real time, also under a fake clock: this guards I/O.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(silent);
        var answer = request(deadline.Token);
        if (answer.IsCompleted)
        {
            return await answer;
        }

        // Most answers come long before anybody would doubt.
        var doubt = silent / 3;
        using var settled = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        var asking = AskAsync();
        try
        {
            return await answer;
        }
        finally
        {
            await settled.CancelAsync();
            await asking;
        }

        async Task AskAsync()
        {
            try
            {
                await Task.Delay(doubt, TimeProvider.System, settled.Token);
                await signOfLife(settled.Token);
                deadline.CancelAfter(slow - doubt);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException or SocketException or KubernetesRequestException or ObjectDisposedException)
            {
                // No sign of life: the deadline stays as it is.
            }
        }
    }
}
