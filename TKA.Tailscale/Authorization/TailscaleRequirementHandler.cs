using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using TKA.Tailscale.Authentication;

namespace TKA.Tailscale.Authorization;

/// <summary>Judges the caller, and leaves the reason of a refusal where the scheme's answer finds it.</summary>
internal sealed class TailscaleRequirementHandler(IOptions<TailscaleOptions> options)
    : AuthorizationHandler<TailscaleRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, TailscaleRequirement requirement)
    {
        var feature = (context.Resource as HttpContext)?.Features.Get<ITailscalePeerFeature>();
        if (feature?.Peer is not { } peer)
        {
            return Task.CompletedTask;
        }

        if (Judge(peer, requirement) is { } refusal)
        {
            feature.Refusal = refusal;
            context.Fail(new AuthorizationFailureReason(this, refusal.Detail));
        }
        else
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    private TailscaleRefusal? Judge(TailscalePeer peer, TailscaleRequirement requirement)
    {
        if (peer.IsTagged && requirement.Tagged == TaggedNodes.Refused)
        {
            return TailscaleRefusals.TaggedNode(peer);
        }

        if ((!requirement.Rule && !requirement.Admin) || (peer.IsTagged && requirement.Tagged == TaggedNodes.LetIn))
        {
            return null;
        }

        if (peer.Rules.Error is { } error)
        {
            return TailscaleRefusals.Capability(error, options.Value.CapName);
        }

        if (peer.Rules.Items.Count == 0)
        {
            return TailscaleRefusals.NoRule(peer, options.Value.CapName);
        }

        return requirement.Admin && !peer.Rules.IsAdmin ? TailscaleRefusals.NotAdmin(peer) : null;
    }
}
