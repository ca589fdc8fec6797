using k8s.Models;
using TKA.Kubernetes.Sessions;

namespace TKA.Operator.Sessions.Access;

/// <summary>
/// Tells token requests how far the passes of this replica have come, before a status says it: a token can then be requested while the
/// binding is being created. A replica that does not lead reconciles nothing; requests there wait for the status alone.
/// </summary>
internal sealed class ProvisioningProgress
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Provisioning> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TaskCompletionSource<Provisioning>>> _waiting = new(StringComparer.Ordinal);

    /// <summary>Announces that a session's ServiceAccount exists and that its bindings are created next.</summary>
    /// <param name="signin">The session, as the pass knows it.</param>
    /// <param name="account">Its ServiceAccount, known to be the session's own.</param>
    /// <returns>Dispose at the end of the pass.</returns>
    public Provisioning Begin(TkaSignin signin, V1ServiceAccount account)
    {
        var provisioning = new Provisioning(this, signin, account);
        lock (_lock)
        {
            _running[signin.Metadata.Uid] = provisioning;
            foreach (var waiter in _waiting.GetValueOrDefault(signin.Metadata.Uid) ?? [])
            {
                waiter.TrySetResult(provisioning);
            }
        }

        return provisioning;
    }

    /// <summary>Waits for <see cref="Begin"/> of a session; answers at once while its pass is under way.</summary>
    /// <param name="uid">Uid of the TkaSignin.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Provisioning> WaitForAsync(string uid, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<Provisioning>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_running.TryGetValue(uid, out var running))
            {
                return running;
            }

            if (!_waiting.TryGetValue(uid, out var waiters))
            {
                _waiting.Add(uid, waiters = []);
            }

            waiters.Add(waiter);
        }

        try
        {
            return await waiter.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                if (_waiting.TryGetValue(uid, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
                {
                    _waiting.Remove(uid);
                }
            }
        }
    }

    internal void End(Provisioning provisioning)
    {
        lock (_lock)
        {
            _running.Remove(provisioning.Signin.Metadata.Uid);
        }
    }
}

/// <summary>One pass that gives a session its access.</summary>
/// <param name="progress">Where it was announced.</param>
/// <param name="signin">The session, as the pass knows it.</param>
/// <param name="account">Its ServiceAccount.</param>
internal sealed class Provisioning(ProvisioningProgress progress, TkaSignin signin, V1ServiceAccount account) : IDisposable
{
    private readonly TaskCompletionSource<bool> _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TkaSignin Signin => signin;

    public V1ServiceAccount Account => account;

    /// <summary>Whether the role is bound, once that is known; <see langword="false"/>: the pass failed, and another one will follow.</summary>
    public Task<bool> Bound => _bound.Task;

    /// <summary>Announces that the role is bound wherever it can be.</summary>
    public void SetBound() => _bound.TrySetResult(true);

    public void Dispose()
    {
        progress.End(this);
        _bound.TrySetResult(false);
    }
}
