using k8s.Models;
using TKA.Kubernetes.Client;

namespace TKA.Operator.Sessions.Access;

/// <summary>Revokes access: bindings first, then the ServiceAccount, whose deletion makes its tokens invalid.</summary>
internal sealed class AccessRevoker(
    ResourceClient<V1ServiceAccount> serviceAccounts,
    ResourceClient<V1RoleBinding> roleBindings,
    ResourceClient<V1ClusterRoleBinding> clusterRoleBindings,
    ResourceClient<V1Namespace> namespaces,
    SessionInventory inventory)
{
    /// <summary>
    /// Deletes everything given, going on after failures, so that one refusal does not keep the rest. An object that no longer exists counts as
    /// deleted; one that was created in its place has another uid and is left alone.
    /// </summary>
    /// <exception cref="AggregateException">All failures. Nothing is known to remain when none is thrown.</exception>
    /// <exception cref="KubernetesRequestException">The API asks to wait (429): going on would only add to its load.</exception>
    public async Task RevokeAsync(SessionAccess remains, CancellationToken cancellationToken)
    {
        List<Exception> failures = [];
        foreach (var binding in remains.Bindings)
        {
            await TryAsync(failures, () => DeleteAsync(binding, cancellationToken));
        }

        foreach (var account in remains.ServiceAccounts)
        {
            await TryAsync(failures, () => DeleteAsync(account, cancellationToken));
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(string.Join(" ", failures.Select(failure => failure.Message)), failures);
        }
    }

    /// <summary>Deletes one binding.</summary>
    public async Task DeleteAsync(SessionBinding binding, CancellationToken cancellationToken)
    {
        try
        {
            var result = binding.Resource is V1RoleBinding
                ? await roleBindings.InNamespace(binding.Key.Namespace).DeleteObjectAsync(binding.Key.Name, binding.Uid, cancellationToken)
                : await clusterRoleBindings.DeleteObjectAsync(binding.Key.Name, binding.Uid, cancellationToken);
            if (result.Outcome == DeleteOutcome.Terminating)
            {
                throw new KubernetesRequestException(
                    KubernetesError.Other,
                    $"binding {binding.Key} is held by finalizers of others: {string.Join(", ", result.Remaining!.Finalizers)}.");
            }
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Conflict)
        {
            var there = binding.Resource is V1RoleBinding
                ? (await roleBindings.InNamespace(binding.Key.Namespace).TryGetAsync(binding.Key.Name, cancellationToken))?.Metadata
                : (await clusterRoleBindings.TryGetAsync(binding.Key.Name, cancellationToken))?.Metadata;
            ThrowIfStillThere(there, binding.Uid, exception);
        }

        inventory.ObserveDeleted(binding);
    }

    private async Task DeleteAsync(V1ServiceAccount account, CancellationToken cancellationToken)
    {
        try
        {
            var result = await serviceAccounts.DeleteObjectAsync(account.Metadata.Name, account.Metadata.Uid, cancellationToken);
            if (result.Outcome == DeleteOutcome.Terminating)
            {
                // It would go on authenticating for up to a minute, and come back to life should the finalizer never go.
                throw new KubernetesRequestException(
                    KubernetesError.Other,
                    $"ServiceAccount {account.Metadata.Name} is held by finalizers of others: {string.Join(", ", result.Remaining!.Finalizers)}.");
            }
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Conflict)
        {
            ThrowIfStillThere((await serviceAccounts.TryGetAsync(account.Metadata.Name, cancellationToken))?.Metadata, account.Metadata.Uid, exception);
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            // The right to delete it goes with its namespace, whose controller then deletes it.
            if (!await IsNamespaceGoingAsync(account.Metadata.NamespaceProperty, cancellationToken))
            {
                throw;
            }
        }

        inventory.ObserveDeleted(account);
    }

    /// <summary>Whether a namespace is being deleted or gone. Its Roles go first, and with them the rights on what is in it.</summary>
    public async Task<bool> IsNamespaceGoingAsync(string name, CancellationToken cancellationToken) =>
        await namespaces.TryGetAsync(name, cancellationToken) is null or { Metadata.DeletionTimestamp: not null };

    /// <summary>
    /// A conflict usually means that the uid did not match: ours is gone, and another stands in its place. But only looking
    /// tells; taking another conflict for that would leave the access standing.
    /// </summary>
    private static void ThrowIfStillThere(V1ObjectMeta? there, string uid, KubernetesRequestException conflict)
    {
        if (there?.Uid == uid)
        {
            throw new KubernetesRequestException(KubernetesError.Unavailable, conflict.Message, conflict) { StatusCode = conflict.StatusCode };
        }
    }

    private static async Task TryAsync(List<Exception> failures, Func<Task> delete)
    {
        try
        {
            await delete();
        }
        catch (KubernetesRequestException exception) when (exception.Error != KubernetesError.Throttled)
        {
            failures.Add(exception);
        }
    }
}
