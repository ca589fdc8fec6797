using System.Text.Json.Nodes;
using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;

namespace TKA.Operator.Sessions.Access;

/// <summary>Gives a session what it asks for, and nothing beside: ServiceAccount, and the role's binding where it belongs.</summary>
internal sealed class AccessProvisioner(
    ResourceClient<V1ServiceAccount> serviceAccounts,
    ResourceClient<V1RoleBinding> roleBindings,
    ResourceClient<V1ClusterRoleBinding> clusterRoleBindings,
    SessionInventory inventory,
    AccessRevoker revoker)
{
    /// <summary>
    /// Binds the role where it belongs: makes what is missing, removes what is too much. No request when all is well. The ServiceAccount
    /// comes first: a binding to one of that name that is not ours would give it the role.
    /// </summary>
    /// <param name="signin">The session.</param>
    /// <param name="account">Its ServiceAccount, by <see cref="EnsureServiceAccountAsync"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SessionRejectedException">It cannot be given.</exception>
    /// <exception cref="KubernetesRequestException">A request failed.</exception>
    public async Task<ProvisionedAccess> BindAsync(TkaSignin signin, V1ServiceAccount account, CancellationToken cancellationToken)
    {
        var access = inventory.Of(signin.Metadata.Name);
        var serviceAccount = ObjectKey.Of(account);
        foreach (var binding in access.NotWantedBy(signin).Bindings)
        {
            // Before the new one is made, so that a person never has both roles.
            await revoker.DeleteAsync(binding, cancellationToken);
        }

        var wanted = AccessObjects.BindingKeys(signin).ToArray();
        var bound = access.Bindings.Where(binding => binding.Grants(signin.Spec.Role, serviceAccount)).Select(binding => binding.Key).ToHashSet();
        List<string> missing = [];
        foreach (var key in wanted.Where(key => !bound.Contains(key)))
        {
            if (!await TryCreateBindingAsync(signin, key, serviceAccount, cancellationToken))
            {
                missing.Add(key.Namespace!);
            }
        }

        return missing.Count < wanted.Length
            ? new ProvisionedAccess(account, missing)
            : throw new SessionRejectedException(
                ConditionReasons.NamespaceNotFound,
                $"{Namespaces(missing)}, which the grant names, {(missing.Count == 1 ? "does" : "do")} not exist; correct the tailnet policy or create {(missing.Count == 1 ? "it" : "them")}.",
                isCurable: true);
    }

    /// <summary>
    /// Reads from the cluster what a request without an answer may have made, so that it is known before anything is decided on it.
    /// </summary>
    public async Task VerifyAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        if (await FindAccountAsync(signin, cancellationToken) is { } account && SessionLabels.IsOfSession(account.Metadata, signin))
        {
            inventory.Observe(account);
        }

        foreach (var key in AccessObjects.BindingKeys(signin))
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

    /// <summary>The session's ServiceAccount; <see langword="null"/> also when its namespace is being deleted and the right to read it is gone.</summary>
    private async Task<V1ServiceAccount?> FindAccountAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        try
        {
            return await serviceAccounts.TryGetAsync(signin.Metadata.Name, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            if (!await revoker.IsNamespaceGoingAsync(signin.Metadata.NamespaceProperty, cancellationToken))
            {
                throw;
            }

            return null;
        }
    }

    /// <summary>The session's own ServiceAccount: made if it is missing, put right if it differs.</summary>
    /// <exception cref="SessionRejectedException">The name is taken.</exception>
    /// <exception cref="KubernetesRequestException">A request failed.</exception>
    public async Task<V1ServiceAccount> EnsureServiceAccountAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        if (inventory.Of(signin.Metadata.Name).ServiceAccounts is [var known])
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
            account = await RequireAnswerAsync(serviceAccounts.CreateAsync(AccessObjects.ServiceAccount(signin), cancellationToken));
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
        if (AccessObjects.IsOwnedBy(existing.Metadata, signin))
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
            $"ServiceAccount {signin.Metadata.Name} in {signin.Metadata.NamespaceProperty} was not made by TKA and is left alone; it is tried again once that is removed.",
            isCurable: true);
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

    /// <returns>Whether the namespace exists.</returns>
    private async Task<bool> TryCreateBindingAsync(TkaSignin signin, ObjectKey key, ObjectKey serviceAccount, CancellationToken cancellationToken)
    {
        try
        {
            if (key.Namespace is { } ns)
            {
                inventory.Observe(await RequireAnswerAsync(roleBindings.InNamespace(ns).CreateAsync(AccessObjects.RoleBinding(signin, ns), cancellationToken)));
            }
            else
            {
                inventory.Observe(await RequireAnswerAsync(clusterRoleBindings.CreateAsync(AccessObjects.ClusterRoleBinding(signin), cancellationToken)));
            }
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.AlreadyExists)
        {
            await AdoptBindingAsync(signin, key, serviceAccount, exception, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (key.Namespace is not null
            && (exception.Error == KubernetesError.NotFound || exception.Causes.Contains("NamespaceTerminating")))
        {
            return false;
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Forbidden || IsDeniedByAdmission(exception))
        {
            throw Refused(signin, exception);
        }

        return true;
    }

    /// <summary>Whether an admission policy or webhook refused, in the API server's words: each chooses the status it answers with.</summary>
    private static bool IsDeniedByAdmission(KubernetesRequestException exception) =>
        exception.StatusCode is not null
        && (exception.Message.Contains("denied the request", StringComparison.Ordinal) || exception.Message.Contains("denied request", StringComparison.Ordinal));

    /// <summary>
    /// RBAC refuses a binding to a role that the operator neither holds nor may bind, in these words of the API server; whatever else is
    /// forbidden, admission forbids.
    /// </summary>
    private static SessionRejectedException Refused(TkaSignin signin, KubernetesRequestException exception) =>
        exception.Message.Contains("attempting to grant RBAC permissions not currently held", StringComparison.Ordinal)
            ? new SessionRejectedException(
                ConditionReasons.RoleNotAllowed,
                $"the operator may not bind role {signin.Spec.Role}; add it to the operator's ClusterRole (verb bind), or grant another role. {exception.Message}",
                isCurable: true)
            : new SessionRejectedException(
                ConditionReasons.DeniedByPolicy,
                $"the cluster does not let role {signin.Spec.Role} be bound; it is tried again until the policy lets it. {exception.Message}",
                isCurable: true);

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
                    ConditionReasons.NameTaken, $"binding {key} was not made by TKA and is left alone; it is tried again once that is removed.", isCurable: true);
            }

            observe();
        }
    }

    private static KubernetesRequestException Again(KubernetesRequestException cause) => new(KubernetesError.Conflict, cause.Message, cause);

    /// <summary>A conflict is no answer to a creation: there is no version that could be out of date. A quota that is being changed answers so.</summary>
    private static async Task<T> RequireAnswerAsync<T>(Task<T> creation)
    {
        try
        {
            return await creation;
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Conflict)
        {
            throw new KubernetesRequestException(KubernetesError.Unavailable, exception.Message, exception) { StatusCode = exception.StatusCode };
        }
    }

    private static string Namespaces(List<string> names) => names.Count == 1 ? $"namespace {names[0]}" : $"namespaces {string.Join(", ", names)}";
}

/// <summary>What was given.</summary>
/// <param name="Account">The ServiceAccount.</param>
/// <param name="MissingNamespaces">Namespaces of the grant that do not exist, so that the role is not bound there.</param>
internal sealed record ProvisionedAccess(V1ServiceAccount Account, IReadOnlyList<string> MissingNamespaces);
