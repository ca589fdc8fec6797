using TKA.Contracts.Rest;

namespace TKA.Tailscale.Authentication;

/// <summary>Why a caller is refused, in a form that can be answered: status, text and advice. Holds nothing secret.</summary>
public sealed record TailscaleRefusal
{
    /// <summary>The reason, for code to decide on.</summary>
    public required TailscaleRefusalReason Reason { get; init; }

    /// <summary>HTTP status of the answer.</summary>
    public required int Status { get; init; }

    /// <summary>Short title of this kind of refusal.</summary>
    public required string Title { get; init; }

    /// <summary>What is wrong this time.</summary>
    public required string Detail { get; init; }

    /// <summary>What to do next, most useful first.</summary>
    public IReadOnlyList<string> Advice { get; init; } = [];

    /// <summary>When to try again; set for every 429 and 503.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same question may get another answer soon without anybody changing the policy.</summary>
    public bool IsTransient => RetryAfter is not null;

    /// <summary>The answer's body.</summary>
    public Problem ToProblem() => new()
    {
        Type = Problem.TypePrefix + TailscaleRefusals.Code(Reason),
        Title = Title,
        Status = Status,
        Detail = Detail,
        Message = Detail,
        Advice = Advice,
        RetryAfter = RetryAfter,
    };
}

/// <summary>Reasons to refuse a caller.</summary>
public enum TailscaleRefusalReason
{
    /// <summary>The connection came in by a listener that is not the tailnet's. A mistake in the setup of the server.</summary>
    NotFromTailnet,

    /// <summary>The request names a host that this server is not (421): DNS rebinding, or a wrong name.</summary>
    Misdirected,

    /// <summary>A web page of another origin sent the request.</summary>
    CrossOrigin,

    /// <summary>Arrived through Tailscale Funnel, that is, from the public internet.</summary>
    Funnel,

    /// <summary>tailscaled knows no such peer, or one without an owner.</summary>
    UnknownPeer,

    /// <summary>A tagged node where a person is needed.</summary>
    TaggedNode,

    /// <summary>The peer's node key has expired.</summary>
    NodeExpired,

    /// <summary>The server's own node: anybody with an account on its host.</summary>
    OwnNode,

    /// <summary>tailscaled runs but is stopped, logged out or starting.</summary>
    BackendNotRunning,

    /// <summary>tailscaled cannot be asked.</summary>
    TailscaledUnavailable,

    /// <summary>Too many connections of unknown origin from this address.</summary>
    TooManyUnknownPeers,

    /// <summary>The capability in the policy cannot be read.</summary>
    CapabilityMalformed,

    /// <summary>A rule's period is no duration.</summary>
    CapabilityPeriod,

    /// <summary>Different rules share the highest priority.</summary>
    CapabilityConflict,

    /// <summary>No grant gives the caller the capability.</summary>
    NoRule,

    /// <summary>None of the caller's rules has the role asked for.</summary>
    RoleNotGranted,

    /// <summary>None of the caller's rules says <c>"admin": true</c>.</summary>
    NotAdmin,
}
