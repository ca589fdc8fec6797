namespace TKA.Operator.Runtime.Controllers;

/// <summary>How a pass over one key ended. A failure is an exception.</summary>
internal readonly record struct ReconcileResult
{
    private ReconcileResult(TimeSpan? requeueAfter) => RequeueAfter = requeueAfter;

    /// <summary>Nothing more to do until something changes.</summary>
    public static ReconcileResult Done => default;

    /// <summary>When to come back, even if nothing changes.</summary>
    public TimeSpan? RequeueAfter { get; }

    /// <summary>Come back after a while.</summary>
    public static ReconcileResult After(TimeSpan delay) => new(delay);
}
