using Microsoft.AspNetCore.Http;
using TKA.Tailscale.Authentication;

namespace TKA.Tailscale;

/// <summary>The caller of a request.</summary>
public static class HttpContextExtensions
{
    /// <summary>The caller, on endpoints that a Tailscale policy protects.</summary>
    /// <exception cref="InvalidOperationException">The endpoint lets unknown callers in, so there may be none.</exception>
    public static TailscalePeer GetTailscalePeer(this HttpContext context) =>
        context.Features.Get<ITailscalePeerFeature>()?.Peer
        ?? throw new InvalidOperationException("No Tailscale peer: protect the endpoint with one of TailscalePolicies.");
}
