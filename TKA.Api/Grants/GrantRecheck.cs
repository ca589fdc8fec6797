using System.Net;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Sessions;
using TKA.Api.Telemetry;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.LocalApi;

namespace TKA.Api.Grants;

/// <summary>
/// Looks at the grant of every live session again and makes the session follow it. Fails safe: what cannot be learned
/// changes nothing, and nothing is ever extended.
/// </summary>
internal sealed class GrantRecheck(
    SessionRepository sessions,
    GrantEnforcer enforcer,
    ITailscaleIdentityResolver resolver,
    ILocalApiClient localApi,
    ApiMetrics metrics,
    IOptions<ApiOptions> options,
    ClusterTime time,
    ILogger<GrantRecheck> logger)
{
    /// <summary>More sessions than this are not ended by one look for devices that were not found: a tailscaled that has lost its map finds none.</summary>
    private const int MostAtFirstSight = 3;

    private HashSet<string> _notFound = [];
    private int _foreign;

    /// <summary>Looks at all sessions once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var live = sessions.Known().Where(IsFollowed).ToArray();
        TellOfForeign();
        if (live.Length == 0)
        {
            return;
        }

        if (await PeersAsync(cancellationToken) is not { } peers)
        {
            return;
        }

        List<TkaSignin> notFound = [];
        foreach (var session in live)
        {
            try
            {
                if (await FollowAsync(session, peers, cancellationToken) is { } outcome)
                {
                    metrics.Recheck(outcome);
                }
                else
                {
                    notFound.Add(session);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // One session's trouble must not keep the others from being looked at.
                metrics.Recheck("unknown");
                Log.SessionRecheckFailed(logger, session.Metadata.Name, exception.Message);
            }
        }

        await EndNotFoundAsync(notFound, doubtful: peers.Count == 0, cancellationToken);
    }

    /// <summary>
    /// Ends sessions whose device tailscaled does not know. If those are many, or if it knows no device at all, only what was not found
    /// the last time either: what tailscaled has just forgotten it knows again at the next look.
    /// </summary>
    private async Task EndNotFoundAsync(List<TkaSignin> sessions, bool doubtful, CancellationToken cancellationToken)
    {
        doubtful |= sessions.Count > MostAtFirstSight;
        var waiting = doubtful ? sessions.Where(session => !_notFound.Contains(session.Metadata.Uid)).ToArray() : [];
        _notFound = [.. sessions.Select(session => session.Metadata.Uid)];
        if (waiting.Length > 0)
        {
            Log.DevicesNotFound(logger, waiting.Length);
        }

        foreach (var session in sessions.Except(waiting))
        {
            try
            {
                metrics.Recheck(await EndAsync(session, "the device is no longer in the tailnet", cancellationToken));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                metrics.Recheck("unknown");
                Log.SessionRecheckFailed(logger, session.Metadata.Name, exception.Message);
            }
        }
    }

    private bool IsFollowed(TkaSignin session) =>
        session.IsOfInstallation(options.Value.InstallationId)
        && session.Spec.Node?.StableId is { Length: > 0 }
        && session.StateAt(time.GetUtcNow()) is SessionState.Ready or SessionState.Pending;

    /// <summary>Says once, and again when the number changes, that another installation has sessions in this namespace.</summary>
    private void TellOfForeign()
    {
        var foreign = sessions.Known().Count(session => !session.IsOfInstallation(options.Value.InstallationId));
        if (foreign != _foreign)
        {
            _foreign = foreign;
            Log.ForeignSessions(logger, foreign);
        }
    }

    /// <returns>The outcome; <see langword="null"/>: the device was not found.</returns>
    private async Task<string?> FollowAsync(TkaSignin session, Dictionary<string, IPAddress> peers, CancellationToken cancellationToken)
    {
        var node = session.Spec.Node!;
        if (!peers.TryGetValue(node.StableId, out var address))
        {
            return null;
        }

        var identity = await resolver.ResolveNodeAsync(address, node.StableId, cancellationToken);
        if (!identity.IsKnown)
        {
            if (identity.Refusal.IsTransient)
            {
                Log.SessionRecheckFailed(logger, session.Metadata.Name, identity.Refusal.Detail);
                return "unknown";
            }

            return identity.Refusal.Reason == TailscaleRefusalReason.UnknownPeer ? null : await EndAsync(session, identity.Refusal.Detail, cancellationToken);
        }

        var peer = identity.Peer;
        if (peer.IsTagged)
        {
            return await EndAsync(session, "the device is tagged now, no person is behind it", cancellationToken);
        }

        if (!session.IsOwnedBy(peer.LoginName))
        {
            return await EndAsync(session, "the device belongs to somebody else now", cancellationToken);
        }

        if (peer.Rules.Error is { } error)
        {
            // A policy that cannot be read neither grants nor withdraws.
            Log.SessionRecheckFailed(logger, session.Metadata.Name, error.Message);
            return "unknown";
        }

        var outcome = await enforcer.ApplyAsync(
            session, current => GrantVerdict.Of(current.Spec, peer.Rules.Items), "the tailnet policy grants less now", cancellationToken);
        return Name(outcome);
    }

    private async Task<string> EndAsync(TkaSignin session, string reason, CancellationToken cancellationToken)
    {
        var gone = new GrantVerdict(GrantOutcome.Gone, TimeSpan.Zero, []);
        return Name(await enforcer.ApplyAsync(session, _ => gone, reason, cancellationToken));
    }

    /// <summary>An address of every device by stable id; <see langword="null"/> when tailscaled cannot tell.</summary>
    private async Task<Dictionary<string, IPAddress>?> PeersAsync(CancellationToken cancellationToken)
    {
        TailscaleStatus status;
        try
        {
            status = await localApi.StatusAsync(peers: true, cancellationToken);
        }
        catch (LocalApiException exception)
        {
            Log.RecheckFailed(logger, exception.Message);
            return null;
        }

        // A tailscaled that is stopped knows no peers, which says nothing about them.
        if (status.BackendState != TailscaleStatus.Running)
        {
            Log.RecheckFailed(logger, $"tailscaled is in state {status.BackendState}.");
            return null;
        }

        var addresses = new Dictionary<string, IPAddress>(StringComparer.Ordinal);
        foreach (var peer in status.Peer?.Values ?? [])
        {
            if (peer.TailscaleIPs is { Count: > 0 } ips && IPAddress.TryParse(ips[0], out var address))
            {
                addresses[peer.ID] = address;
            }
        }

        return addresses;
    }

    private static string Name(GrantOutcome outcome) => outcome switch
    {
        GrantOutcome.Unchanged => "unchanged",
        GrantOutcome.Smaller => "shrunk",
        _ => "ended",
    };
}
