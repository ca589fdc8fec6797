using System.Net.Sockets;
using TKA.Kubernetes.Client;

namespace TKA.Api.Http;

/// <summary>
/// A timeout that adapts to the server that is asked. A server that gives no sign of life is given up soon, so that the caller hears of
/// it within two seconds; a server that is only slow, because it still answers another question, is waited for longer.
/// </summary>
internal static class AdaptiveTimeout
{
    /// <summary>Makes a request under a deadline.</summary>
    /// <param name="request">The request.</param>
    /// <param name="signOfLife">Asks the same server something it answers at once; ends when it has answered, in whatever way.</param>
    /// <param name="silent">How long to wait for a server that gives no sign of life.</param>
    /// <param name="slow">How long to wait for one that does.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The time is up, or the caller has gone.</exception>
    public static Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> request, Func<CancellationToken, Task> signOfLife, TimeSpan silent, TimeSpan slow, CancellationToken cancellationToken) =>
        // Real time, also under a fake clock: this guards I/O.
        RunAsync(request, signOfLife, silent, slow, TimeProvider.System, cancellationToken);

    /// <inheritdoc cref="RunAsync{T}(Func{CancellationToken, Task{T}}, Func{CancellationToken, Task}, TimeSpan, TimeSpan, CancellationToken)"/>
    internal static async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> request, Func<CancellationToken, Task> signOfLife, TimeSpan silent, TimeSpan slow, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answer = request(deadline.Token);
        if (answer.IsCompleted)
        {
            return await answer;
        }

        await using var suspicion = new SuspectedFailure(signOfLife, deadline, silent, slow, time);
        return await answer;
    }

    /// <summary>Asks for a sign of life when an answer is late, and gives the deadline more time when there is one.</summary>
    private sealed class SuspectedFailure : IAsyncDisposable
    {
        private readonly Func<CancellationToken, Task> _signOfLife;
        private readonly CancellationTokenSource _deadline;
        private readonly TimeSpan _rest;
        private readonly TimeSpan _more;
        private readonly ITimer _timer;
        private CancellationTokenSource? _answered;
        private Task? _asking;

        public SuspectedFailure(Func<CancellationToken, Task> signOfLife, CancellationTokenSource deadline, TimeSpan silent, TimeSpan slow, TimeProvider time)
        {
            _signOfLife = signOfLife;
            _deadline = deadline;
            var late = silent / 3;
            (_rest, _more) = (silent - late, slow - late);

            // A timer, because most answers come long before a failure is suspected: a cancelled delay costs an exception each time.
            _timer = time.CreateTimer(static state => ((SuspectedFailure)state!).Elapsed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(late, Timeout.InfiniteTimeSpan);
        }

        public async ValueTask DisposeAsync()
        {
            // Waits for a callback that is running: after this, the question has been asked or is never asked.
            await _timer.DisposeAsync();
            if (_answered is not null)
            {
                await _answered.CancelAsync();
                await _asking!;
                _answered.Dispose();
            }
        }

        private void Elapsed()
        {
            if (_answered is not null)
            {
                _deadline.Cancel();
                return;
            }

            // The server has its time from the question on: when this process itself was late to ask, that is not the server's silence.
            _answered = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
            _timer.Change(_rest, Timeout.InfiniteTimeSpan);
            _asking = AskAsync(_answered.Token);
        }

        private async Task AskAsync(CancellationToken answered)
        {
            try
            {
                await _signOfLife(answered);
                _timer.Change(_more, Timeout.InfiniteTimeSpan);
            }
            catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException or SocketException or KubernetesRequestException or ObjectDisposedException)
            {
                // No sign of life: the deadline stays as it is.
            }
        }
    }
}
