using System.Collections.Concurrent;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Sessions.Access;

namespace TKA.Operator.Sessions;

/// <summary>Makes up for caches that know less than the cluster does: after a conflict, after a request that got no answer, after an absence.</summary>
internal sealed class CacheLag(
    ResourceClient<TkaSignin> signins, IResourceCache<TkaSignin> cache, SessionInventory inventory, AccessProvisioner provisioner)
{
    private readonly ConcurrentDictionary<string, bool> _uncertain = [];

    /// <summary>Notes that a request for a session got no answer: the cluster may hold more of it than the caches know.</summary>
    public void Add(string session) => _uncertain[session] = true;

    /// <summary>Notes that a session is over.</summary>
    public void Forget(string session) => _uncertain.TryRemove(session, out _);

    /// <summary>Looks in the cluster for what a session has, if the caches may not know it. No request otherwise.</summary>
    /// <exception cref="KubernetesRequestException">A request failed.</exception>
    public async Task VerifyAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        var name = signin.Metadata.Name;
        var lost = signin.Status?.Provisioned == true && inventory.Of(name).ServiceAccounts.Count == 0;
        if (lost || _uncertain.ContainsKey(name))
        {
            await provisioner.VerifyAsync(signin, cancellationToken);
            Forget(name);
        }
    }

    /// <summary>Reads a TkaSignin and brings the cache in line with it.</summary>
    /// <returns>Whether the cluster has it.</returns>
    /// <exception cref="KubernetesRequestException">The request failed.</exception>
    public async Task<bool> RefreshAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (await signins.TryGetAsync(key.Name, cancellationToken) is { } live)
        {
            cache.Observe(live);
            return true;
        }

        if (cache.Get(key) is { } cached)
        {
            cache.ObserveDeleted(cached);
        }

        return false;
    }

    /// <summary>Whether a failed request may have been carried out.</summary>
    public static bool IsUnanswered(Exception exception) => exception switch
    {
        KubernetesRequestException { Error: KubernetesError.Unknown } => true,
        AggregateException aggregate => aggregate.InnerExceptions.Any(IsUnanswered),
        OperationCanceledException => true,
        _ => false,
    };
}
