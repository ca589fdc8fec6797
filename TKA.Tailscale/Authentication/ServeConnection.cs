using System.Net;
using Microsoft.AspNetCore.Http;
using TKA.Tailscale.Serving;

namespace TKA.Tailscale.Authentication;

/// <summary>
/// A connection of <c>tailscale serve</c>, accepted only from tailscaled's own user. Serve sends the
/// requests of many callers over one connection, so identity is each request's: the one address that serve put into
/// <c>X-Forwarded-For</c> in place of whatever the caller had sent.
/// </summary>
internal sealed class ServeConnection(ITailscaleIdentityResolver resolver)
{
    public async ValueTask<TailscaleIdentity> IdentifyAsync(HttpRequest request, CancellationToken cancellationToken) =>
        request.Headers["X-Forwarded-For"] is [{ } text]
        && IPAddress.TryParse(text, out var address)
        && ListenAddress.IsTailnet(address)
            ? await resolver.ResolveAddressAsync(address, cancellationToken)
            : TailscaleIdentity.Refused(TailscaleRefusals.UnknownPeer);
}
