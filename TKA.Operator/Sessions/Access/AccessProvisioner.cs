using System.Text.Json.Nodes;
using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;

namespace TKA.Operator.Sessions.Access;

/// <summary>Gives a session what it asks for, and nothing beside: ServiceAccount, and the role's binding where it belongs.</summary>
internal sealed class AccessProvisioner(
    ResourceClient<V1ServiceAccount> serviceAccounts,
    ResourceClient<V1RoleBinding> roleBindings,
    ResourceClient<V1ClusterRoleBinding> clusterRoleBindings,
    SessionInventory inventory,
    AccessRevoker revoker)
{
    /// <summary>Makes what is missing, puts right what differs, removes what is too much. No request when all is well.</summary>
    /// <returns>The ServiceAccount.</returns>
    /// <exception cref="SessionRejectedException">It cannot be given.</exception>
    /// <exception cref="KubernetesRequestException">A request failed.</exception>
    public async Task<V1ServiceAccount> ProvisionAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        var remains = inventory.Of(signin.Metadata.Name);
        var account = await EnsureServiceAccountAsync(signin, remains, cancellationToken);

        // The ServiceAccount comes first: a binding to one of that name that is not ours would give it the role.
        var serviceAccount = ObjectKey.Of(account);
        var wanted = SessionObjects.BindingKeys(signin).ToHashSet();
        foreach (var binding in remains.Bindings)
        {
            if (!wanted.Contains(binding.Key) || !binding.Grants(signin.Spec.Role, serviceAccount))
            {
                // Before the new one is made, so that a person never has both roles.
                await revoker.DeleteAsync(binding, cancellationToken);
            }
            else
            {
                wanted.Remove(binding.Key);
            }
        }

        foreach (var missing in wanted)
        {
            await CreateBindingAsync(signin, missing, serviceAccount, cancellationToken);
        }

        return account;
    }

    /// <summary>
    /// Reads from the cluster what a request without an answer may have made, so that it is known before anything is decided on it.
    /// </summary>
    public async Task VerifyAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        if (await serviceAccounts.TryGetAsync(signin.Metadata.Name, cancellationToken) is { } account
            && SessionLabels.IsOfSession(account.Metadata, signin))
        {
            inventory.Observe(account);
        }

        foreach (var key in SessionObjects.BindingKeys(signin))
        {
            if (key.Namespace is { } ns)
            {
                if (await roleBindings.InNamespace(ns).TryGetAsync(key.Name, cancellationToken) is { } binding
                    && SessionLabels.IsOfSession(binding.Metadata, signin))
                {
                    inventory.Observe(binding);
                }
            }
            else if (await clusterRoleBindings.TryGetAsync(key.Name, cancellationToken) is { } binding
                && SessionLabels.IsOfSession(binding.Metadata, signin))
            {
                inventory.Observe(binding);
            }
        }
    }

    private async Task<V1ServiceAccount> EnsureServiceAccountAsync(TkaSignin signin, SessionRemains remains, CancellationToken cancellationToken)
    {
        if (remains.ServiceAccounts is [var known])
        {
            if (known.Metadata.DeletionTimestamp is not null)
            {
                throw new KubernetesRequestException(KubernetesError.Other, $"ServiceAccount {known.Metadata.Name} is being deleted and held by finalizers of others.");
            }

            return known.AutomountServiceAccountToken == false ? known : await ForbidAutomountAsync(known, cancellationToken);
        }

        V1ServiceAccount account;
        try
        {
            account = await serviceAccounts.CreateAsync(SessionObjects.ServiceAccount(signin), cancellationToken);
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.AlreadyExists)
        {
            account = await AdoptServiceAccountAsync(signin, exception, cancellationToken);
        }

        inventory.Observe(account);
        return account;
    }

    /// <summary>The name is taken: by an object of ours that the cache has not seen, or by a foreign one.</summary>
    private async Task<V1ServiceAccount> AdoptServiceAccountAsync(TkaSignin signin, KubernetesRequestException conflict, CancellationToken cancellationToken)
    {
        var existing = await serviceAccounts.TryGetAsync(signin.Metadata.Name, cancellationToken)
            ?? throw Again(conflict);
        if (SessionObjects.IsOwnedBy(existing.Metadata, signin))
        {
            return SessionLabels.IsOfSession(existing.Metadata, signin) && SessionLabels.SessionUidOf(existing.Metadata) == signin.Metadata.Uid
                ? existing
                : await RestoreLabelsAsync(signin, existing, cancellationToken);
        }

        if (SessionLabels.IsOfSession(existing.Metadata, signin))
        {
            // Of an earlier session: the next pass knows it from the cache and removes it first.
            inventory.Observe(existing);
            throw Again(conflict);
        }

        throw new SessionRejectedException(
            ConditionReasons.NameTaken,
            $"ServiceAccount {signin.Metadata.Name} in {signin.Metadata.NamespaceProperty} was not made by TKA and is left alone; remove it and sign in again.");
    }

    private async Task<V1ServiceAccount> RestoreLabelsAsync(TkaSignin signin, V1ServiceAccount account, CancellationToken cancellationToken)
    {
        var labels = new JsonObject(SessionLabels.For(signin).Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = account.Metadata.ResourceVersion, ["labels"] = labels },
        };
        return await serviceAccounts.MergePatchAsync(account.Metadata.Name, patch, null, cancellationToken);
    }

    private async Task<V1ServiceAccount> ForbidAutomountAsync(V1ServiceAccount account, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = account.Metadata.ResourceVersion },
            ["automountServiceAccountToken"] = false,
        };
        var patched = await serviceAccounts.MergePatchAsync(account.Metadata.Name, patch, null, cancellationToken);
        inventory.Observe(patched);
        return patched;
    }

    private async Task CreateBindingAsync(TkaSignin signin, ObjectKey key, ObjectKey serviceAccount, CancellationToken cancellationToken)
    {
        try
        {
            if (key.Namespace is { } ns)
            {
                inventory.Observe(await roleBindings.InNamespace(ns).CreateAsync(SessionObjects.RoleBinding(signin, ns), cancellationToken));
            }
            else
            {
                inventory.Observe(await clusterRoleBindings.CreateAsync(SessionObjects.ClusterRoleBinding(signin), cancellationToken));
            }
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.AlreadyExists)
        {
            await AdoptBindingAsync(signin, key, serviceAccount, exception, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (key.Namespace is { } ns
            && (exception.Error == KubernetesError.NotFound || exception.Causes.Contains("NamespaceTerminating")))
        {
            throw new SessionRejectedException(
                ConditionReasons.NamespaceNotFound, $"namespace {ns}, which the grant names, does not exist; correct the tailnet policy or create it.");
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            throw new SessionRejectedException(
                ConditionReasons.RoleNotAllowed,
                $"the cluster does not let the operator bind role {signin.Spec.Role}: {exception.Message} Add it to the operator's ClusterRole (verb bind), or grant another role.");
        }
    }

    private async Task AdoptBindingAsync(
        TkaSignin signin, ObjectKey key, ObjectKey serviceAccount, KubernetesRequestException conflict, CancellationToken cancellationToken)
    {
        SessionBinding? existing = null;
        if (key.Namespace is { } ns)
        {
            if (await roleBindings.InNamespace(ns).TryGetAsync(key.Name, cancellationToken) is { } binding)
            {
                existing = SessionBinding.Of(binding);
                Known(binding.Metadata, () => inventory.Observe(binding));
            }
        }
        else if (await clusterRoleBindings.TryGetAsync(key.Name, cancellationToken) is { } binding)
        {
            existing = SessionBinding.Of(binding);
            Known(binding.Metadata, () => inventory.Observe(binding));
        }

        if (existing is null || existing.SessionUid != signin.Metadata.Uid || !existing.Grants(signin.Spec.Role, serviceAccount))
        {
            // Gone meanwhile, of an earlier session, or edited: now that the cache knows it, the next pass puts it right.
            throw Again(conflict);
        }

        void Known(V1ObjectMeta metadata, Action observe)
        {
            if (!SessionLabels.IsOfSession(metadata, signin))
            {
                throw new SessionRejectedException(
                    ConditionReasons.NameTaken, $"binding {key} was not made by TKA and is left alone; remove it and sign in again.");
            }

            observe();
        }
    }

    private static KubernetesRequestException Again(KubernetesRequestException cause) => new(KubernetesError.Conflict, cause.Message, cause);
}
