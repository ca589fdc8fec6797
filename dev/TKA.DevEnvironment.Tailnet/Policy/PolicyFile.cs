using System.Net;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>A policy file that was read and found consistent.</summary>
internal sealed record PolicyFile
{
    /// <summary>Members of each <c>group:</c>.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Groups { get; init; }

    /// <summary>Every <c>tag:</c> that exists.</summary>
    public required IReadOnlySet<string> Tags { get; init; }

    /// <summary>Named addresses and networks.</summary>
    public required IReadOnlyDictionary<string, IPNetwork> Hosts { get; init; }

    /// <summary>Grants, in order.</summary>
    public required IReadOnlyList<Grant> Grants { get; init; }

    /// <summary>Devices by the loopback address they connect from. Ours, not Tailscale's.</summary>
    public required IReadOnlyDictionary<IPAddress, PolicyDevice> Devices { get; init; }
}

/// <summary>One grant, reduced to what decides about capabilities.</summary>
/// <param name="Source">Selectors of <c>src</c>.</param>
/// <param name="Destination">Selectors of <c>dst</c>.</param>
/// <param name="App">Capability to its values.</param>
internal sealed record Grant(IReadOnlyList<string> Source, IReadOnlyList<string> Destination, IReadOnlyDictionary<string, JsonArray> App);

/// <summary>A device of the <c>devices</c> block.</summary>
internal sealed record PolicyDevice
{
    /// <summary>Short name.</summary>
    public required string Name { get; init; }

    /// <summary>Login name of the owner; empty for tagged nodes.</summary>
    public string User { get; init; } = "";

    /// <summary>Name of the owner, for people.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether the node key has expired.</summary>
    public bool Expired { get; init; }

    /// <summary>Whether connections from here come from TKA's own node.</summary>
    public bool IsSelf { get; init; }
}
