namespace TKA.Api.Sessions;

/// <summary>What a login asks of the cluster.</summary>
internal sealed record SessionRequest
{
    /// <summary>Full login name.</summary>
    public required string Username { get; init; }

    /// <summary>ClusterRole.</summary>
    public required string Role { get; init; }

    /// <summary>Whether <see cref="Role"/> is that of the rule that wins: it belongs to the base session, whatever role that has now.</summary>
    public required bool IsWinner { get; init; }

    /// <summary>How long the session lasts from now.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Namespaces; empty: cluster-wide.</summary>
    public required IReadOnlyList<string> Namespaces { get; init; }

    /// <summary>Short name of the device.</summary>
    public required string NodeName { get; init; }

    /// <summary>Stable id of the device, whose grant the session follows.</summary>
    public required string NodeId { get; init; }

    /// <summary>Id of this installation; empty: it has none.</summary>
    public required string Installation { get; init; }
}
