using Microsoft.AspNetCore.Builder;

namespace TKA.Tests.Infrastructure;

/// <summary>How to start a <see cref="TkaStack"/>.</summary>
public sealed record TkaStackOptions
{
    /// <summary>Text of the tailnet policy; null for the default people (see <see cref="TestTailnet"/>).</summary>
    public string? Policy { get; init; }

    /// <summary>How long the tailnet's certificates are good for; null for its default.</summary>
    public TimeSpan? CertificateLifetime { get; init; }

    /// <summary>Clock of every part; null for the system's.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Whether the operator keeps its ledger in an embedded Dapr.</summary>
    public bool Dapr { get; init; }

    /// <summary>Whether the operator runs from the start.</summary>
    public bool Operator { get; init; } = true;

    /// <summary>Settings of the API, stronger than the stack's own.</summary>
    public IReadOnlyDictionary<string, string?> ApiSettings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Settings of the operator, stronger than the stack's own.</summary>
    public IReadOnlyDictionary<string, string?> OperatorSettings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Called last on the API's builder.</summary>
    public Action<WebApplicationBuilder>? ConfigureApi { get; init; }

    /// <summary>Called last on the operator's builder.</summary>
    public Action<WebApplicationBuilder>? ConfigureOperator { get; init; }
}
