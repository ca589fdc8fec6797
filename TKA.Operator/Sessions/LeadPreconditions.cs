using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Access;

namespace TKA.Operator.Sessions;

/// <summary>What must be known before a replica acts as the leader.</summary>
internal sealed class LeadPreconditions(
    PolicyProof policies,
    IEnumerable<IInformer> informers,
    ResourceClient<V1Namespace> namespaces,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    ILogger<LeadPreconditions> logger)
{
    private static readonly TimeSpan RecheckPeriod = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Waits for every cache, because absence means nothing before: acting earlier would revoke access of sessions that live. Waits for the
    /// proof of the admission policies too, because an operator that they do not bind could bind any role whose rules it holds, its own
    /// included. While the sessions' namespace is being deleted it waits for neither the policies, which may be deleted with it, nor the
    /// ServiceAccounts, because the right to list them has gone with the namespace: sessions can only be ended then.
    /// </summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var all = Task.WhenAll([policies.WaitAsync(done.Token), .. informers.Select(informer => informer.WaitForSyncAsync(done.Token))]);
        var ending = WaitForEndingAsync(done.Token);
        try
        {
            await await Task.WhenAny(all, ending);
        }
        finally
        {
            await done.CancelAsync();
            await Task.WhenAll(all, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WaitForEndingAsync(CancellationToken cancellationToken)
    {
        do
        {
            await Task.Delay(RecheckPeriod, time, cancellationToken);
        }
        while (!await IsTerminatingAsync(cancellationToken));
        await Task.WhenAll(informers.Where(informer => informer.Resource != ResourceTypes.ServiceAccounts.Plural).Select(informer => informer.WaitForSyncAsync(cancellationToken)));
        Log.LeadingToEnd(logger, options.Value.Namespace);
    }

    private async Task<bool> IsTerminatingAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await namespaces.TryGetAsync(options.Value.Namespace, cancellationToken) is { Metadata.DeletionTimestamp: not null };
        }
        catch (KubernetesRequestException)
        {
            return false;
        }
    }
}
