using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Authentication;

/// <summary>WhoIs plus the checks that whois itself does not make: it answers 200 for expired nodes and after <c>tailscale down</c>.</summary>
internal sealed class TailscaleIdentityResolver(
    ILocalApiClient localApi,
    BackendStatus backend,
    MissLimiter misses,
    ConnectionOwner owner,
    TailscaleMetrics metrics,
    TimeProvider time,
    IOptions<TailscaleOptions> options,
    ILogger<TailscaleIdentityResolver> logger) : ITailscaleIdentityResolver
{
    private readonly string _capName = options.Value.CapName;

    public async Task<TailscaleIdentity> ResolveConnectionAsync(IPEndPoint remote, bool wasKnown, CancellationToken cancellationToken)
    {
        if (wasKnown)
        {
            // One miss at most, and that ends it: a connection does not change hands.
            return await AskAsync(remote, cancellationToken);
        }

        var source = new MissSource(remote.Address);
        var permit = await misses.EnterAsync(source);
        if (permit == MissPermit.Exhausted && await owner.IsTailscaledAsync(remote, cancellationToken))
        {
            // Another program of the Pod has used up what 127.0.0.1 may ask.
            source = source with { FromTailscaled = true };
            permit = await misses.EnterAsync(source);
        }

        if (permit != MissPermit.Granted)
        {
            return TailscaleIdentity.Refused(
                permit == MissPermit.Exhausted ? TailscaleRefusals.TooManyUnknownPeers : TailscaleRefusals.TailscaledUnavailable);
        }

        var outcome = MissOutcome.NoAnswer;
        try
        {
            var identity = await AskAsync(remote, cancellationToken);
            outcome = identity.Refusal?.Reason switch
            {
                TailscaleRefusalReason.UnknownPeer => MissOutcome.Unknown,
                TailscaleRefusalReason.TailscaledUnavailable => MissOutcome.NoAnswer,
                _ => MissOutcome.Known,
            };
            return identity;
        }
        finally
        {
            misses.Leave(source, outcome);
        }
    }

    public Task<TailscaleIdentity> ResolveAddressAsync(IPAddress address, CancellationToken cancellationToken) =>
        ResolveAsync(token => localApi.WhoIsAsync(address, token), cancellationToken);

    public async Task<TailscaleIdentity> ResolveNodeAsync(IPAddress address, string stableId, CancellationToken cancellationToken)
    {
        var identity = await ResolveAddressAsync(address, cancellationToken);
        return identity.IsKnown && identity.Peer.NodeStableId != stableId
            ? TailscaleIdentity.Refused(TailscaleRefusals.UnknownPeer)
            : identity;
    }

    private Task<TailscaleIdentity> AskAsync(IPEndPoint remote, CancellationToken cancellationToken) =>
        ResolveAsync(token => localApi.WhoIsAsync(remote, token), cancellationToken);

    private async Task<TailscaleIdentity> ResolveAsync(
        Func<CancellationToken, Task<WhoIsResponse?>> ask, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var outcome = "error";
        try
        {
            var status = backend.GetAsync(cancellationToken);
            var whoIs = await ask(cancellationToken);
            outcome = whoIs is null ? "unknown" : "known";
            return Judge(whoIs, await status);
        }
        catch (LocalApiException exception)
        {
            Log.CannotAsk(logger, exception.Error, exception.Message);
            return TailscaleIdentity.Refused(TailscaleRefusals.TailscaledUnavailable);
        }
        finally
        {
            metrics.WhoIs(time.GetElapsedTime(started), outcome);
        }
    }

    private TailscaleIdentity Judge(WhoIsResponse? whoIs, TailscaleStatus status)
    {
        // First: while tailscaled is down or logged out, neither a yes nor a no of whois means anything.
        if (status.BackendState != TailscaleStatus.Running)
        {
            return TailscaleIdentity.Refused(TailscaleRefusals.BackendNotRunning(status.BackendState));
        }

        if (whoIs is null || whoIs.Node.StableID.Length == 0)
        {
            return TailscaleIdentity.Refused(TailscaleRefusals.UnknownPeer);
        }

        var peer = TailscalePeer.From(whoIs, _capName);
        if (!peer.IsTagged && string.IsNullOrWhiteSpace(peer.LoginName))
        {
            return TailscaleIdentity.Refused(TailscaleRefusals.UnknownPeer);
        }

        if (whoIs.Node.Expired || (whoIs.Node.KeyExpiry is { } expiry && expiry <= time.GetUtcNow()))
        {
            return TailscaleIdentity.Refused(TailscaleRefusals.NodeExpired(peer.NodeName));
        }

        return status.Self?.ID == peer.NodeStableId
            ? TailscaleIdentity.Refused(TailscaleRefusals.OwnNode)
            : TailscaleIdentity.Known(peer);
    }
}
