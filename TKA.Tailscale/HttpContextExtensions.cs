using Microsoft.AspNetCore.Http;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.Serving;

namespace TKA.Tailscale;

/// <summary>The caller of a request.</summary>
public static class HttpContextExtensions
{
    /// <summary>The caller, on endpoints that a Tailscale policy protects.</summary>
    /// <exception cref="InvalidOperationException">The endpoint lets unknown callers in, so there may be none.</exception>
    public static TailscalePeer GetTailscalePeer(this HttpContext context) =>
        context.Features.Get<ITailscalePeerFeature>()?.Peer
        ?? throw new InvalidOperationException("No Tailscale peer: protect the endpoint with one of TailscalePolicies.");

    /// <summary>The caller, when a person is refused because no grant gives them anything here.</summary>
    public static TailscalePeer? PersonWithoutGrant(this HttpContext context) =>
        context.Features.Get<ITailscalePeerFeature>() is { Refusal.Reason: TailscaleRefusalReason.NoRule, Peer: { IsTagged: false } peer } ? peer : null;

    /// <summary>
    /// This server's origin as the caller reached it, for example <c>https://tka.tail0dev.ts.net</c>. Behind the browser guard its host
    /// is one of this server's names.
    /// </summary>
    public static string GetServerOrigin(this HttpContext context) => $"{RequestOrigin.SchemeOf(context)}://{RequestOrigin.HostOf(context).Value}";
}
