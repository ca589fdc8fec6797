namespace TKA.Orchestrator.Discovery;

/// <summary>A node that may run TKA, as tailscaled describes it.</summary>
/// <param name="Id">Stable id.</param>
/// <param name="Fqdn">Its MagicDNS name without trailing dot.</param>
/// <param name="Address">One of its tailnet addresses.</param>
internal sealed record ClusterNode(string Id, string Fqdn, string Address);
