namespace TKA.Tests.Operator.Infrastructure;

/// <summary>What happens to a request.</summary>
internal sealed record Fault
{
    public static readonly Fault None = new();

    /// <summary>Answer this instead of asking the cluster.</summary>
    public int? Status { get; init; }

    public string? Reason { get; init; }

    public int? RetryAfterSeconds { get; init; }

    public TimeSpan Delay { get; init; }

    /// <summary>Reset the connection, the cluster never hears of it.</summary>
    public bool AbortBefore { get; init; }

    /// <summary>Reset the connection after the cluster did it.</summary>
    public bool AbortAfter { get; init; }

    /// <summary>The operator dies before the cluster hears of it.</summary>
    public bool KillBefore { get; init; }

    /// <summary>The operator dies after the cluster did it.</summary>
    public bool KillAfter { get; init; }

    /// <summary>Reset a watch after so many pieces.</summary>
    public int? CutAfterChunks { get; init; }

    /// <summary>Deliver nothing for a while after so many pieces.</summary>
    public int? StallAfterChunks { get; init; }

    public TimeSpan StallFor { get; init; }
}
