using System.Diagnostics;
using TKA.Kubernetes.Client;
using TKA.Operator.Runtime.Queues;

namespace TKA.Operator.Runtime.Controllers;

/// <summary>Workers that take keys from a queue and reconcile them until told to stop.</summary>
internal sealed class Controller<TKey>(
    WorkQueue<TKey> queue,
    IReconciler<TKey> reconciler,
    ControllerMetrics metrics,
    TimeProvider time,
    ILogger logger)
    where TKey : notnull
{
    /// <summary>The longest pause that a Retry-After can cause, since revoking access must not wait for longer.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>The longest delay while the cluster gives no answer: when it is back, what waits is to go on within two seconds.</summary>
    private static readonly TimeSpan LongestUnanswered = TimeSpan.FromSeconds(1.5);

    /// <summary>Works until the queue is closed (then the passes under way are finished) or the token fires (then they are cut off).</summary>
    /// <param name="workers">Keys worked on at the same time.</param>
    /// <param name="cancellationToken">Stops at once.</param>
    public async Task RunAsync(int workers, CancellationToken cancellationToken)
    {
        metrics.Watch(() => queue.Depth, () => queue.Retries);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(cancellationToken), cancellationToken)));
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (taken, key) = await queue.TakeAsync(cancellationToken);
            if (!taken)
            {
                return;
            }

            try
            {
                await PassAsync(key, cancellationToken);
            }
            finally
            {
                queue.Done(key);
            }
        }
    }

    private async Task PassAsync(TKey key, CancellationToken cancellationToken)
    {
        using var activity = ControllerMetrics.Activities.StartActivity("reconcile", ActivityKind.Internal, reconciler.ParentOf(key));
        var name = key.ToString() ?? "";
        activity?.SetTag("tka.key", name);
        activity?.DisplayName = $"reconcile {name}";
        var started = time.GetTimestamp();
        var outcome = "success";
        try
        {
            var result = await reconciler.ReconcileAsync(key, cancellationToken);
            queue.Forget(key);
            if (result.RequeueAfter is { } delay)
            {
                outcome = "requeue";
                queue.AddAfter(key, delay);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = "cancelled";
            throw;
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Conflict)
        {
            // Another client changed the object in between: the next pass reads it again.
            outcome = "conflict";
            queue.AddAfterFailure(key);
            Log.Conflict(logger, name, exception.Message);
        }
        catch (KubernetesRequestException exception) when (exception is { Error: KubernetesError.Throttled })
        {
            outcome = "throttled";
            var pause = exception.RetryAfter ?? TimeSpan.FromSeconds(1);
            if (pause > LongestPause)
            {
                pause = LongestPause;
            }

            queue.Pause(pause);
            queue.AddAfterFailure(key, pause);
            Log.Throttled(logger, pause);
        }
        catch (Exception exception)
        {
            outcome = "error";
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            var retry = queue.AddAfterFailure(key, (exception as KubernetesRequestException)?.RetryAfter, IsUnanswered(exception) ? LongestUnanswered : null);
            if (exception is KubernetesRequestException or AggregateException)
            {
                Log.Failed(logger, name, retry, exception.Message);
            }
            else
            {
                Log.Crashed(logger, exception, name, retry);
            }
        }
        finally
        {
            metrics.Passed(outcome, time.GetElapsedTime(started));
        }
    }

    private static bool IsUnanswered(Exception exception) => exception switch
    {
        KubernetesRequestException request => request.IsUnanswered,
        AggregateException aggregate => aggregate.InnerExceptions.All(IsUnanswered),
        _ => false,
    };
}
