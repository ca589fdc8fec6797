using System.Globalization;
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

    /// <summary>How much of the limit one look takes at most: on a machine that lets nothing run, what is shown cannot be blamed.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    // Real time: what arrives by watch knows nothing of a test's clock.
    private readonly ResourceInformer<TkaSignin> _informer =
        new(api, new ResourceInformerOptions().Prompt(), TimeProvider.System, NullLogger<ResourceInformer<TkaSignin>>.Instance);

    private readonly List<string> _late = [];
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

        IReadOnlyList<TkaSignin>? first = null;
        var passed = TimeSpan.Zero;
        while (true)
        {
            var started = TimeProvider.System.GetTimestamp();
            var cluster = await read();
            first ??= cluster;
            var known = _informer.Cache.List();
            var same = VersionsOf(known).SetEquals(VersionsOf(cluster));
            if (same || passed > Limit)
            {
                if (!same)
                {
                    _late.AddRange(LateIn(known, first, cluster));
                }

                var now = clock.GetUtcNow();
                return (cluster, [.. known.Where(session => session.StateAt(now) != SessionState.Over).Select(session => SessionView.Item(session, now))]);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
            var took = TimeProvider.System.GetElapsedTime(started);
            passed += took < Step ? took : Step;
        }
    }

    /// <summary>What was shown otherwise than the cluster had it for longer than the limit, since the start.</summary>
    public IReadOnlyList<string> Late => _late;

    /// <summary>What the cluster has had since the first look, or has not had since then, and is shown otherwise.</summary>
    private static IEnumerable<string> LateIn(IReadOnlyList<TkaSignin> known, IReadOnlyList<TkaSignin> first, IReadOnlyList<TkaSignin> last)
    {
        var (had, has, knows) = (ByUid(first), ByUid(last), ByUid(known));
        foreach (var (uid, version) in has)
        {
            if (had.GetValueOrDefault(uid) == version && knows.GetValueOrDefault(uid) < version)
            {
                yield return $"I10: {uid} as of {version} is not shown within {Limit.TotalSeconds:0} s";
            }
        }

        // Whatever was made after the first look has a later version than all of that look.
        var latest = had.Values.DefaultIfEmpty().Max();
        foreach (var (uid, version) in knows)
        {
            if (!had.ContainsKey(uid) && !has.ContainsKey(uid) && version < latest)
            {
                yield return $"I10: {uid} is still shown {Limit.TotalSeconds:0} s after it was gone";
            }
        }
    }

    private static Dictionary<string, ulong> ByUid(IEnumerable<TkaSignin> sessions) =>
        sessions.ToDictionary(session => session.Metadata.Uid, session => ulong.Parse(session.Metadata.ResourceVersion, CultureInfo.InvariantCulture));

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
