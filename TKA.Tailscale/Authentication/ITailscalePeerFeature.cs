namespace TKA.Tailscale.Authentication;

/// <summary>What the <c>Tailscale</c> scheme found out about a request's caller. On <c>HttpContext.Features</c> once authentication ran.</summary>
public interface ITailscalePeerFeature
{
    /// <summary>The caller; <see langword="null"/> when refused.</summary>
    TailscalePeer? Peer { get; }

    /// <summary>Why the caller is refused: by identity, or by the authorization policy that ran last.</summary>
    TailscaleRefusal? Refusal { get; set; }
}

internal sealed class TailscalePeerFeature(TailscalePeer? peer, TailscaleRefusal? refusal) : ITailscalePeerFeature
{
    public TailscalePeer? Peer { get; } = peer;

    public TailscaleRefusal? Refusal { get; set; } = refusal;
}
