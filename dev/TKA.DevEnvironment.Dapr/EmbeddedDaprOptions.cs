using System.Net;
using Grpc.AspNetCore.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace TKA.DevEnvironment.Dapr;

/// <summary>How to start an embedded Dapr.</summary>
public sealed class EmbeddedDaprOptions
{
    /// <summary>Directory for the database; created when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Loopback address to listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port of the gRPC API; 0 picks a free one.</summary>
    public int GrpcPort { get; init; }

    /// <summary>The component whose behaviour clients see. Each kind has a database file of its own.</summary>
    public StateStoreKind StateStoreKind { get; init; } = StateStoreKind.Sqlite;

    /// <summary>What clients must send as <c>dapr-api-token</c>, as daprd's environment variable DAPR_API_TOKEN; <see langword="null"/>: nothing. A secret.</summary>
    public string? ApiToken { get; init; }

    /// <summary>Clock of <c>ttlInSeconds</c>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Changes the settings of the gRPC server after all others, for example to add an interceptor.</summary>
    public Action<GrpcServiceOptions>? ConfigureGrpc { get; init; }
}
