using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Runtime.Queues;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Sessions.Expiry;

namespace TKA.Operator.Sessions;

/// <summary>Turns what the caches tell of TkaSignins, of sessions' objects and of roles into work: which session to look at, how soon, and when it ends.</summary>
internal sealed class SessionChanges(
    IResourceCache<TkaSignin> signins, SessionInventory inventory, SessionRules rules, RefusalMemory refusals, SessionReporter report, ClusterTime time)
{
    /// <summary>How many TkaSignins there are.</summary>
    public int Sessions => signins.Count;

    /// <summary>Adds to the queue what is there now and what changes from now on.</summary>
    /// <returns>Ends it.</returns>
    public IDisposable Feed(WorkQueue<string> queue, ExpiryCalendar calendar)
    {
        var ofSignins = signins.Subscribe(change => Take(change, queue, calendar));
        var ofObjects = inventory.Subscribe(session => queue.Add(session, QueuePriority.Background));
        return new Subscriptions(ofSignins, ofObjects, rules.Subscribe(role => Retry(role, queue)));
    }

    /// <summary>A role was created or deleted: sessions that ask for it are reconciled again.</summary>
    private void Retry(string role, WorkQueue<string> queue)
    {
        foreach (var signin in signins.List().Where(signin => signin.Spec.Role == role))
        {
            refusals.Forget(signin.Metadata.Name);
            queue.Add(signin.Metadata.Name, QueuePriority.Background);
        }
    }

    private void Take(ResourceChange<TkaSignin> change, WorkQueue<string> queue, ExpiryCalendar calendar)
    {
        var name = change.Key.Name;
        if (change.Current is not { } signin)
        {
            calendar.Remove(name);

            // What is left of a session without a TkaSignin still gives access.
            queue.Add(name, inventory.Of(name).IsEmpty ? QueuePriority.Background : QueuePriority.Urgent);
            return;
        }

        var now = time.GetUtcNow();
        var window = SessionWindow.Of(signin, now);
        if (signin.Metadata.DeletionTimestamp is not null || window.IsOver(now))
        {
            queue.Add(name, QueuePriority.Urgent);
            return;
        }

        calendar.Set(name, window.End);
        if (!signin.IsReady())
        {
            report.Asked(name);
        }

        // A person waits for a pending session; the others are only looked at again.
        queue.Add(name, signin.StateAt(now) == SessionState.Pending ? QueuePriority.Normal : QueuePriority.Background);
    }

    private sealed class Subscriptions(params IDisposable[] all) : IDisposable
    {
        public void Dispose() => Array.ForEach(all, one => one.Dispose());
    }
}
