namespace TKA.Operator.Runtime.Queues;

/// <summary>How a <see cref="WorkQueue{TKey}"/> shares its workers and retries.</summary>
internal sealed record WorkQueueOptions
{
    /// <summary>Keys worked on at the same time. Default 10.</summary>
    public int Workers { get; init; } = 10;

    /// <summary>First delay after a failure; doubles each time, with jitter. Default 10 ms: what fails for ever is tried 14 times in its first minute.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Longest delay. Default 30 s: a revocation that failed must not wait for a quarter of an hour.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Retries per second of all keys together. Default 50.</summary>
    public double RetriesPerSecond { get; init; } = 50;

    /// <summary>Retries that may come at once before that rate applies. Default 100.</summary>
    public int RetryBurst { get; init; } = 100;

    /// <summary>Source of jitter; <see langword="null"/>: shared.</summary>
    public Random? Random { get; init; }
}
