using TKA.Contracts.Capabilities;
using TKA.Tailscale.Capabilities;

namespace TKA.Tailscale.Authentication;

/// <summary>The refusals, one place for their statuses (docs/rest-api.md, "Who is calling") and words.</summary>
public static class TailscaleRefusals
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    internal static TailscaleRefusal NotFromTailnet { get; } = new()
    {
        Reason = TailscaleRefusalReason.NotFromTailnet,
        Status = 403,
        Title = "Not a tailnet connection",
        Detail = "This address is not the one TKA serves the tailnet on.",
        Advice = ["Use the server's tailnet name and port."],
    };

    /// <summary>A browser sent a request that no page of this server made.</summary>
    public static TailscaleRefusal CrossOrigin { get; } = new()
    {
        Reason = TailscaleRefusalReason.CrossOrigin,
        Status = 403,
        Title = "Cross-origin request",
        Detail = "A web page of another origin sent this request.",
        Advice = ["Use a program; browsers may only send requests from this server's own pages."],
    };

    internal static TailscaleRefusal Funnel { get; } = new()
    {
        Reason = TailscaleRefusalReason.Funnel,
        Status = 403,
        Title = "Funnel is not allowed",
        Detail = "The request arrived through Tailscale Funnel, from the public internet.",
        Advice = ["Connect to the tailnet and use the server's tailnet name.", "Operators: turn Funnel off for this node (tailscale funnel reset)."],
    };

    internal static TailscaleRefusal UnknownPeer { get; } = new()
    {
        Reason = TailscaleRefusalReason.UnknownPeer,
        Status = 403,
        Title = "Unknown peer",
        Detail = "tailscaled knows no person or node behind this connection.",
        Advice = ["Connect over the tailnet, directly to the server's node.", "Check with: tailscale status"],
    };

    internal static TailscaleRefusal OwnNode { get; } = new()
    {
        Reason = TailscaleRefusalReason.OwnNode,
        Status = 403,
        Title = "The server's own node",
        Detail = "The connection comes from TKA's own node, which is nobody in particular.",
        Advice = ["Sign in from your own device."],
    };

    internal static TailscaleRefusal TooManyUnknownPeers { get; } = new()
    {
        Reason = TailscaleRefusalReason.TooManyUnknownPeers,
        Status = 429,
        Title = "Too many unknown connections",
        Detail = "Too many connections of unknown origin came from this address.",
        Advice = ["Try again in a few seconds."],
        RetryAfter = Soon,
    };

    internal static TailscaleRefusal TailscaledUnavailable { get; } = new()
    {
        Reason = TailscaleRefusalReason.TailscaledUnavailable,
        Status = 503,
        Title = "Tailscale is not available",
        Detail = "The server cannot ask its tailscaled who you are.",
        Advice = ["Try again in a few seconds.", "Operators: check that tailscaled runs and that its socket is mounted (tailscale:socket)."],
        RetryAfter = Soon,
    };

    /// <summary>A tagged node asked for what only a person can have.</summary>
    public static TailscaleRefusal TaggedNode(TailscalePeer peer) => new()
    {
        Reason = TailscaleRefusalReason.TaggedNode,
        Status = 400,
        Title = "Tagged node",
        Detail = $"{peer.NodeName} is a tagged node ({string.Join(", ", peer.Tags)}); no person is behind it.",
        Advice = ["Sign in from a device that belongs to you.", "Give automation a Kubernetes ServiceAccount of its own."],
    };

    /// <summary>No grant gives the caller the capability.</summary>
    public static TailscaleRefusal NoRule(TailscalePeer peer, string capName) => new()
    {
        Reason = TailscaleRefusalReason.NoRule,
        Status = 403,
        Title = "No access granted",
        Detail = $"No grant in the tailnet policy gives {peer.Principal} the capability {capName} on this node.",
        Advice = ["Ask an admin of your tailnet for a grant with this capability; its dst must cover the TKA node.", "See: https://tailscale.com/kb/1324/grants"],
    };

    /// <summary>The caller is no admin of TKA.</summary>
    public static TailscaleRefusal NotAdmin(TailscalePeer peer) => new()
    {
        Reason = TailscaleRefusalReason.NotAdmin,
        Status = 403,
        Title = "Admins only",
        Detail = $"None of the rules of {peer.Principal} says \"admin\": true.",
        Advice = ["Ask an admin of your tailnet for a rule with \"admin\": true."],
    };

    /// <summary>The capability in the policy cannot be used.</summary>
    public static TailscaleRefusal Capability(CapabilityError error, string capName)
    {
        var period = error.Kind == CapabilityErrorKind.Period;
        return new TailscaleRefusal
        {
            Reason = period ? TailscaleRefusalReason.CapabilityPeriod : TailscaleRefusalReason.CapabilityMalformed,
            Status = period ? 422 : 400,
            Title = period ? "Period is no duration" : "Capability cannot be read",
            Detail = $"The tailnet policy's values for {capName} cannot be used. {error.Message}",
            Advice = ["Tell an admin of your tailnet; only the policy file can fix this."],
        };
    }

    /// <summary>The reason why no rule could be chosen; <see langword="null"/> when one was.</summary>
    /// <param name="selection">What <see cref="RuleSelection.Choose"/> gave.</param>
    /// <param name="peer">The caller.</param>
    /// <param name="capName">Name of the capability.</param>
    /// <param name="role">Role the caller named.</param>
    public static TailscaleRefusal? Selection(RuleSelection selection, TailscalePeer peer, string capName, string? role) =>
        selection.Outcome switch
        {
            RuleOutcome.NoRule => NoRule(peer, capName),
            RuleOutcome.RoleNotGranted => new TailscaleRefusal
            {
                Reason = TailscaleRefusalReason.RoleNotGranted,
                Status = 403,
                Title = "Role not granted",
                Detail = $"No rule of {peer.Principal} grants the role {role}.",
                Advice = [$"Granted: {string.Join(", ", peer.Rules.Items.Select(rule => rule.Role).Distinct().Order(StringComparer.Ordinal))}."],
            },
            RuleOutcome.Conflict => new TailscaleRefusal
            {
                Reason = TailscaleRefusalReason.CapabilityConflict,
                Status = 400,
                Title = "Grants conflict",
                Detail = $"{selection.Conflicting.Count} different rules share the highest priority {selection.Conflicting[0].Priority}: {string.Join("; ", selection.Conflicting.Select(Describe))}.",
                Advice = ["Tell an admin of your tailnet to give one of them a higher priority.", "Or name one of your roles when signing in."],
            },
            _ => null,
        };

    internal static TailscaleRefusal Misdirected(string host) => new()
    {
        Reason = TailscaleRefusalReason.Misdirected,
        Status = 421,
        Title = "Not a name of this server",
        Detail = $"This server does not answer to '{Printable(host)}'.",
        Advice = ["Use the server's MagicDNS name or its tailnet address.", "Operators: add names with server:allowedHosts."],
    };

    internal static TailscaleRefusal NodeExpired(string node) => new()
    {
        Reason = TailscaleRefusalReason.NodeExpired,
        Status = 403,
        Title = "Node key expired",
        Detail = $"The node key of {node} has expired.",
        Advice = ["Log your device in again: tailscale up --force-reauth"],
    };

    internal static TailscaleRefusal BackendNotRunning(string state) => new()
    {
        Reason = TailscaleRefusalReason.BackendNotRunning,
        Status = 503,
        Title = "Tailscale is not running",
        Detail = $"The server's tailscaled is in state {(state.Length == 0 ? "unknown" : state)}, not Running; identities cannot be trusted.",
        Advice = ["Try again in a few seconds.", "Operators: log the server's node in (tailscale up)."],
        RetryAfter = Soon,
    };

    internal static string Code(TailscaleRefusalReason reason) => reason switch
    {
        TailscaleRefusalReason.NotFromTailnet => "not-from-tailnet",
        TailscaleRefusalReason.Misdirected => "misdirected",
        TailscaleRefusalReason.CrossOrigin => "cross-origin",
        TailscaleRefusalReason.Funnel => "funnel",
        TailscaleRefusalReason.UnknownPeer => "unknown-peer",
        TailscaleRefusalReason.TaggedNode => "tagged-node",
        TailscaleRefusalReason.NodeExpired => "node-expired",
        TailscaleRefusalReason.OwnNode => "own-node",
        TailscaleRefusalReason.BackendNotRunning => "tailscale-not-running",
        TailscaleRefusalReason.TailscaledUnavailable => "tailscaled-unavailable",
        TailscaleRefusalReason.TooManyUnknownPeers => "too-many-unknown-peers",
        TailscaleRefusalReason.CapabilityMalformed => "capability-malformed",
        TailscaleRefusalReason.CapabilityPeriod => "capability-period",
        TailscaleRefusalReason.CapabilityConflict => "capability-conflict",
        TailscaleRefusalReason.NoRule => "no-rule",
        TailscaleRefusalReason.RoleNotGranted => "role-not-granted",
        TailscaleRefusalReason.NotAdmin => "not-admin",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    private static string Printable(string text)
    {
        var plain = string.Concat(text.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)));
        return plain.Length <= 100 ? plain : string.Concat(plain.AsSpan(0, 100), "…");
    }

    private static string Describe(CapabilityRule rule) =>
        $"{rule.Role} for {Contracts.GoDuration.Format(rule.Period)} in {(rule.Namespaces.Count == 0 ? "the whole cluster" : string.Join(", ", rule.Namespaces))}{(rule.Admin ? ", admin" : "")}";
}
