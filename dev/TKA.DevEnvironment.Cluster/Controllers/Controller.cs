using System.Threading.Channels;

namespace TKA.DevEnvironment.Cluster.Controllers;

/// <summary>
/// A background loop over a queue of keys, as controllers have: a key is worked on by one worker, a failure comes back after a moment,
/// and a key queued again meanwhile is worked on once more.
/// </summary>
internal abstract partial class Controller<TKey>(TimeProvider time, ILogger logger)
    where TKey : notnull
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);
    private readonly Channel<TKey> _queue = Channel.CreateUnbounded<TKey>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<TKey> _queued = [];

    /// <summary>Takes note of a write; called by the store in order, with its lock held.</summary>
    public abstract void Observe(GroupResource resource, ObjectEvent change);

    /// <summary>Works until stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var key in _queue.Reader.ReadAllAsync(cancellationToken))
            {
                lock (_queued)
                {
                    _queued.Remove(key);
                }

                Work(key, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    /// <summary>Brings what the key names to where it should be.</summary>
    protected abstract void Reconcile(TKey key);

    /// <summary>Queues a key unless it is queued already.</summary>
    protected void Enqueue(TKey key)
    {
        lock (_queued)
        {
            if (_queued.Add(key))
            {
                _queue.Writer.TryWrite(key);
            }
        }
    }

    private void Work(TKey key, CancellationToken cancellationToken)
    {
        try
        {
            Reconcile(key);
        }
        catch (Http.StatusException exception)
        {
            LogRetry(key, exception.Message);
            _ = RetryAsync(key, cancellationToken);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // An error in handling one object must not end the loop for all others, and must be logged.
            LogFault(exception, key);
            _ = RetryAsync(key, cancellationToken);
        }
    }

    private async Task RetryAsync(TKey key, CancellationToken cancellationToken)
    {
        await Task.Delay(RetryAfter, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Enqueue(key);
    }

    [LoggerMessage(LogLevel.Error, "{Key} failed and is tried again")]
    private partial void LogFault(Exception e, TKey key);

    [LoggerMessage(LogLevel.Debug, "{Key} is tried again: {Why}")]
    private partial void LogRetry(TKey key, string why);
}
