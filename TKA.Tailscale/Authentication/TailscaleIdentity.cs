using System.Diagnostics.CodeAnalysis;

namespace TKA.Tailscale.Authentication;

/// <summary>Answer to "who is this?": a peer, or the reason why it is refused.</summary>
public sealed record TailscaleIdentity
{
    private TailscaleIdentity(TailscalePeer? peer, TailscaleRefusal? refusal)
    {
        Peer = peer;
        Refusal = refusal;
    }

    /// <summary>The peer; <see langword="null"/> when refused.</summary>
    public TailscalePeer? Peer { get; }

    /// <summary>The reason; <see langword="null"/> when known.</summary>
    public TailscaleRefusal? Refusal { get; }

    /// <summary>Whether the peer is known.</summary>
    [MemberNotNullWhen(true, nameof(Peer))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsKnown => Peer is not null;

    internal static TailscaleIdentity Known(TailscalePeer peer) => new(peer, null);

    internal static TailscaleIdentity Refused(TailscaleRefusal refusal) => new(null, refusal);
}
