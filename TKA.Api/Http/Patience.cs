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

        await using var doubt = new Doubt(signOfLife, deadline, silent, slow);
        return await answer;
    }

    /// <summary>Asks for a sign of life when an answer is late, and gives the deadline more time when there is one.</summary>
    private sealed class Doubt : IAsyncDisposable
    {
        private readonly Func<CancellationToken, Task> _signOfLife;
        private readonly CancellationTokenSource _deadline;
        private readonly TimeSpan _more;
        private readonly ITimer _timer;
        private CancellationTokenSource? _settled;
        private Task? _asking;

        public Doubt(Func<CancellationToken, Task> signOfLife, CancellationTokenSource deadline, TimeSpan silent, TimeSpan slow)
        {
            _signOfLife = signOfLife;
            _deadline = deadline;
            var late = silent / 3;
            _more = slow - late;

            // A timer, because most answers come long before anybody would doubt: a delay called off costs an exception each time.
            _timer = TimeProvider.System.CreateTimer(static doubt => ((Doubt)doubt!).Ask(), this, late, Timeout.InfiniteTimeSpan);
        }

        public async ValueTask DisposeAsync()
        {
            // Waits for a callback that is running: after this, either the question was asked or it never will be.
            await _timer.DisposeAsync();
            if (_settled is not null)
            {
                await _settled.CancelAsync();
                await _asking!;
                _settled.Dispose();
            }
        }

        private void Ask()
        {
            _settled = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
            _asking = AskAsync(_settled.Token);
        }

        private async Task AskAsync(CancellationToken settled)
        {
            try
            {
                await _signOfLife(settled);
                _deadline.CancelAfter(_more);
            }
            catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException or SocketException or KubernetesRequestException or ObjectDisposedException)
            {
                // No sign of life: the deadline stays as it is.
            }
        }
    }
}
