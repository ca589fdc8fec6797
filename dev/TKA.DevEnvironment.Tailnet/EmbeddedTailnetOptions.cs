using System.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace TKA.DevEnvironment.Tailnet;

/// <summary>How to start an embedded tailnet.</summary>
public sealed class EmbeddedTailnetOptions
{
    /// <summary>Path of the unix socket to serve LocalAPI on. At most 107 bytes, a limit of the system.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Path of the policy file. Written with a commented example when missing, watched for changes.</summary>
    public required string PolicyPath { get; init; }

    /// <summary>Nodes that run TKA beside the own one, by loopback address and short name, tagged <c>tag:tka</c>. A device of the policy at the same address counts instead.</summary>
    public IReadOnlyDictionary<IPAddress, string> Nodes { get; init; } = new Dictionary<IPAddress, string>();

    /// <summary>Loopback address of the node whose tailscaled this is; <see langword="null"/>: TKA's own node.</summary>
    public IPAddress? SelfAddress { get; init; }

    /// <summary>
    /// Capability version that the server claims. Up to 130 it writes Go's zero time as expiry of keys that never expire; later ones
    /// leave the field out.
    /// </summary>
    public int CapabilityVersion { get; init; } = 133;

    /// <summary>How long a server certificate is good for.</summary>
    public TimeSpan CertificateLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Clock: key expiry, certificates.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
