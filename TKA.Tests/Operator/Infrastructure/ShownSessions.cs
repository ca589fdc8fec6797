using Microsoft.Extensions.Logging.Abstractions;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>What TKA's API shows to people: its own cache, under its own rights, seen as <c>GET /sessions</c> shows it.</summary>
internal sealed class ShownSessions(ResourceClient<TkaSignin> api) : IAsyncDisposable
{
    /// <summary>How far behind the cluster it may be.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    // Real time: what arrives by watch knows nothing of a test's clock.
    private readonly ResourceInformer<TkaSignin> _informer =
        new(api, new ResourceInformerOptions().Prompt(), TimeProvider.System, NullLogger<ResourceInformer<TkaSignin>>.Instance);

    private bool _started;

    /// <summary>The sessions of the cluster and those that are shown, once they are of the same time or the limit has passed.</summary>
    /// <param name="read">Reads the cluster.</param>
    /// <param name="clock">The cluster's clock.</param>
    public async Task<(IReadOnlyList<TkaSignin> Cluster, IReadOnlyList<SessionItem> Shown)> ReadAsync(Func<Task<IReadOnlyList<TkaSignin>>> read, TimeProvider clock)
    {
        var cancel = TestContext.Current.CancellationToken;
        if (!_started)
        {
            _started = true;
            await _informer.StartAsync(cancel);
            await _informer.WaitForSyncAsync(cancel);
        }

        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var cluster = await read();
            var known = _informer.Cache.List();
            if (VersionsOf(known).SetEquals(VersionsOf(cluster)) || TimeProvider.System.GetElapsedTime(started) > Limit)
            {
                var now = clock.GetUtcNow();
                return (cluster, [.. known.Where(session => session.StateAt(now) != SessionState.Over).Select(session => SessionView.Item(session, now))]);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_started)
        {
            await _informer.StopAsync(CancellationToken.None);
        }

        _informer.Dispose();
    }

    private static HashSet<string> VersionsOf(IEnumerable<TkaSignin> sessions) => [.. sessions.Select(session => $"{session.Metadata.Uid} {session.Metadata.ResourceVersion}")];
}
