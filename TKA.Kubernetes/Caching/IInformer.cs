using TKA.Kubernetes.Client;

namespace TKA.Kubernetes.Caching;

/// <summary>How an informer is doing, for readiness checks.</summary>
public interface IInformer
{
    /// <summary>Plural name of what it caches.</summary>
    string Resource { get; }

    /// <summary>Whether the first full list has arrived.</summary>
    bool HasSynced { get; }

    /// <summary>What keeps it from listing or watching now; <see langword="null"/> while all is well. The cache keeps what it knew.</summary>
    KubernetesRequestException? LastError { get; }

    /// <summary>Completes when the first full list has arrived.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);
}
