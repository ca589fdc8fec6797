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

    /// <summary>Changes when everything learned before must be asked again.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Drops what is remembered, identities of connections included.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _current = null;
            Interlocked.Increment(ref _generation);
        }
    }

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
