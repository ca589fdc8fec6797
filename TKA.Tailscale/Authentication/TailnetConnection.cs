using System.Net;

namespace TKA.Tailscale.Authentication;

/// <summary>One accepted connection and its short memory of who is at the other end.</summary>
internal sealed class TailnetConnection(
    IPEndPoint remote, ITailscaleIdentityResolver resolver, BackendStatus backend, TimeProvider time, TimeSpan lifetime) : ITailnetConnectionFeature
{
    private readonly Lock _gate = new();
    private Task<TailscaleIdentity>? _current;
    private long _asked;
    private int _generation;

    public IPEndPoint Remote { get; } = remote;

    public ValueTask<TailscaleIdentity> IdentifyAsync(CancellationToken cancellationToken)
    {
        Task<TailscaleIdentity> current;
        lock (_gate)
        {
            if (_current is null || (_current.IsCompleted && !IsFresh(_current)))
            {
                var wasKnown = _current is { IsCompletedSuccessfully: true, Result.IsKnown: true };

                // Age counts from the question: the answer may describe the moment it was asked.
                _asked = time.GetTimestamp();
                _generation = backend.Generation;

                // Shared by the connection's concurrent HTTP/2 requests, so none of them may cancel it.
                _current = resolver.ResolveConnectionAsync(Remote, wasKnown, CancellationToken.None);
            }

            current = _current;
        }

        return current.IsCompletedSuccessfully
            ? ValueTask.FromResult(current.Result)
            : new ValueTask<TailscaleIdentity>(current.WaitAsync(cancellationToken));
    }

    private bool IsFresh(Task<TailscaleIdentity> answer) =>
        answer.IsCompletedSuccessfully
        && answer.Result.Refusal?.IsTransient != true
        && _generation == backend.Generation
        && time.GetElapsedTime(_asked) < lifetime;
}
