using Microsoft.Extensions.Options;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Authentication;

/// <summary>
/// tailscaled's own state (Running? which node am I?), asked at most once per <see cref="TailscaleOptions.WhoIsCache"/>
/// for all requests together. Failures are not kept.
/// </summary>
internal sealed class BackendStatus(ILocalApiClient localApi, TimeProvider time, IOptions<TailscaleOptions> options)
{
    private readonly Lock _gate = new();
    private Task<TailscaleStatus>? _current;
    private long _asked;
    private int _generation;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Changes when everything learned before must be asked again.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Completes at the next <see cref="Forget"/>: tailscaled's state may have changed.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Drops what is remembered, identities of connections included.</summary>
    public void Forget()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _current = null;
            Interlocked.Increment(ref _generation);
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }

    /// <summary>The state, asked for or remembered.</summary>
    /// <exception cref="LocalApiException">tailscaled does not answer.</exception>
    public Task<TailscaleStatus> GetAsync(CancellationToken cancellationToken)
    {
        Task<TailscaleStatus> current;
        lock (_gate)
        {
            var stale = _current is null
                || (_current.IsCompleted
                    && (!_current.IsCompletedSuccessfully || time.GetElapsedTime(_asked) >= options.Value.WhoIsCache));
            if (stale)
            {
                _asked = time.GetTimestamp();

                // Shared by many requests, so none of them may cancel it; the client's own deadline ends it.
                _current = localApi.StatusAsync(peers: false, CancellationToken.None);
            }

            current = _current!;
        }

        return current.WaitAsync(cancellationToken);
    }
}
