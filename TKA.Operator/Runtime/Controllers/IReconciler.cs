using System.Diagnostics;

namespace TKA.Operator.Runtime.Controllers;

/// <summary>
/// Brings one thing from whatever state it is in to the state it should be in. Level-triggered: it is told which thing, never
/// what happened, and may be called at any time, any number of times.
/// </summary>
/// <typeparam name="TKey">Names the thing.</typeparam>
internal interface IReconciler<in TKey>
{
    /// <summary>Makes one pass.</summary>
    Task<ReconcileResult> ReconcileAsync(TKey key, CancellationToken cancellationToken);

    /// <summary>The trace that a pass over this key continues; default: none.</summary>
    ActivityContext ParentOf(TKey key) => default;
}
