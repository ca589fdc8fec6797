using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace TKA.Tailscale.Authentication;

/// <summary>Options of the <c>Tailscale</c> authentication scheme.</summary>
public sealed class TailscaleAuthenticationOptions : AuthenticationSchemeOptions
{
    /// <summary>Name of the scheme.</summary>
    public const string Scheme = "Tailscale";

    /// <summary>
    /// Writes the answer to a refused request, most often <see cref="TailscaleRefusal.ToProblem"/> in the way of the service's
    /// other problems. Default: the status alone.
    /// </summary>
    public Func<HttpContext, TailscaleRefusal, Task> WriteRefusal { get; set; } = static (context, refusal) =>
    {
        context.Response.StatusCode = refusal.Status;
        return Task.CompletedTask;
    };
}

/// <summary>Claim types of the <c>Tailscale</c> scheme beside the standard name claims.</summary>
public static class TailscaleClaims
{
    /// <summary>Name of the person, for people to read.</summary>
    public const string DisplayName = "tailscale:display_name";

    /// <summary>Short name of the device.</summary>
    public const string Node = "tailscale:node";

    /// <summary>Stable id of the device.</summary>
    public const string NodeId = "tailscale:node_id";

    /// <summary>One tag of a tagged node.</summary>
    public const string Tag = "tailscale:tag";
}
