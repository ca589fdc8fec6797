using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TKA.Tailscale.Authentication;

/// <summary>
/// Scheme <c>Tailscale</c>: the caller is whoever tailscaled says is at the other end of the accepted connection.
/// No header is read, but one that can only ever refuse,
/// and one that tailscaled itself sends over the serve socket.
/// </summary>
internal sealed class TailscaleAuthenticationHandler(
    IOptionsMonitor<TailscaleAuthenticationOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<TailscaleAuthenticationOptions>(options, logger, encoder)
{
    private const string FunnelHeader = "Tailscale-Funnel-Request";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var (peer, refusal) = await IdentifyAsync();
        Context.Features.Set<ITailscalePeerFeature>(new TailscalePeerFeature(peer, refusal));
        return peer is null
            ? AuthenticateResult.Fail(refusal!.Detail)
            : AuthenticateResult.Success(new AuthenticationTicket(Principal(peer, Scheme.Name), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => RefuseAsync();

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => RefuseAsync();

    private async ValueTask<(TailscalePeer? Peer, TailscaleRefusal? Refusal)> IdentifyAsync()
    {
        if (Request.Headers.ContainsKey(FunnelHeader))
        {
            return (null, TailscaleRefusals.Funnel);
        }

        var identity = await AskConnectionAsync();
        return (identity.Peer, identity.Refusal);
    }

    /// <summary>Both kinds of connection were marked when they were accepted, before anything of a request was read.</summary>
    private ValueTask<TailscaleIdentity> AskConnectionAsync() =>
        Context.Features.Get<ITailnetConnectionFeature>() is TailnetConnection direct ? direct.IdentifyAsync(Context.RequestAborted)
        : Context.Features.Get<ServeConnection>() is { } serve ? serve.IdentifyAsync(Request, Context.RequestAborted)
        : ValueTask.FromResult(TailscaleIdentity.Refused(TailscaleRefusals.NotFromTailnet));

    private async Task RefuseAsync()
    {
        // Authentication runs first for every endpoint; a bare 403 is for a policy that names no reason.
        var refusal = Context.Features.Get<ITailscalePeerFeature>()?.Refusal;
        if (refusal is null)
        {
            Response.StatusCode = 403;
            return;
        }

        Log.Refused(Logger, refusal.Reason, refusal.Detail);
        await Options.WriteRefusal(Context, refusal);
    }

    private static ClaimsPrincipal Principal(TailscalePeer peer, string scheme)
    {
        List<Claim> claims =
        [
            new(ClaimTypes.NameIdentifier, peer.IsTagged ? peer.NodeStableId : peer.LoginName),
            new(ClaimTypes.Name, peer.Principal),
            new(TailscaleClaims.DisplayName, peer.DisplayName),
            new(TailscaleClaims.Node, peer.NodeName),
            new(TailscaleClaims.NodeId, peer.NodeStableId),
            .. peer.Tags.Select(tag => new Claim(TailscaleClaims.Tag, tag)),
        ];
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme, ClaimTypes.Name, ClaimTypes.Role));
    }
}
