using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>A write: its user, its target and its options.</summary>
internal sealed record WriteRequest(UserInfo User, RequestInfo Info, WriteOptions Options)
{
    /// <summary>Name for managedFields.</summary>
    public string Manager { get; init; } = "unknown";

    /// <summary>Whether a part of the server writes, which may write samples too.</summary>
    public bool ByServer { get; init; }

    /// <summary>Warnings for the client, sent whether the write succeeds or not.</summary>
    public Action<string> Warn { get; init; } = _ => { };
}

/// <summary>The result of a write.</summary>
/// <param name="Object">The stored version; for a dry run, what would have been stored.</param>
/// <param name="Created">Whether it did not exist before.</param>
/// <param name="Gone">Whether the write removed it (last finalizer, or a deletion).</param>
internal sealed record WriteResult(StoredObject Object, bool Created, bool Gone = false);
