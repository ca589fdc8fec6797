using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;

namespace TKA.Operator.Sessions.Leaving;

/// <summary>
/// Creates the <see cref="LeavingPolicy"/>. The policy is not part of <c>deploy/</c>, so <c>kubectl delete -k</c> does not delete it. The
/// cluster's garbage collector deletes the policy after its owner, the operator's ClusterRoleBinding, and the policy forbids that the owner is
/// deleted while there is a session.
/// </summary>
/// <remarks>
/// Nothing bounds what an admission policy may contain, so the operator has no right to create one. ServiceAccount <c>tka-guard</c> has it,
/// and the admission policy <c>tka-guard-token</c> lets the operator have its token only while there is no leaving policy.
/// </remarks>
internal sealed class LeavingGuard(
    KubernetesTransport transport, LeavingNames names, LeavingOwners owners, IOptions<OperatorOptions> options, TimeProvider time, ILogger<LeavingGuard> logger)
{
    // The shortest that Kubernetes issues.
    private const int TokenSeconds = 600;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(5);

    // After an installation rights take effect within seconds.
    private const int Retries = 6;

    private readonly ResourceClient<V1ValidatingAdmissionPolicyBinding> _bindings = new(transport, ResourceTypes.ValidatingAdmissionPolicyBindings);
    private readonly ResourceClient<V1ServiceAccount> _accounts = new(transport, ResourceTypes.ServiceAccounts, options.Value.SystemNamespace);
    private readonly ResourceClient<V1ClusterRoleBinding> _rights = new(transport, ResourceTypes.ClusterRoleBindings);

    /// <summary>Creates the policy if it is missing; looks again every 10 minutes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                await EnsureAsync(cancellationToken);
                failures = 0;
            }
            catch (KubernetesRequestException exception)
            {
                failures++;
                if (failures == Retries)
                {
                    Log.LeavingPolicyMissing(logger, names.Policy, exception.Message);
                }
            }

            await Task.Delay(failures is 0 or >= Retries ? Period : RetryPeriod, time, cancellationToken);
        }
    }

    /// <summary>Whether the policy is bound; <see langword="null"/>: the operator may not know.</summary>
    /// <exception cref="KubernetesRequestException">There was no clear answer.</exception>
    public async Task<bool?> ExistsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _bindings.TryGetAsync(names.Policy, cancellationToken) is not null;
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            return null;
        }
    }

    /// <summary>Asks for a token that may create admission policies.</summary>
    /// <exception cref="KubernetesRequestException">It was refused.</exception>
    public async Task<string> RequestTokenAsync(CancellationToken cancellationToken)
    {
        var request = new Authenticationv1TokenRequest
        {
            ApiVersion = "authentication.k8s.io/v1",
            Kind = "TokenRequest",
            Metadata = new V1ObjectMeta(),
            Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = TokenSeconds },
        };
        return (await _accounts.CreateSubresourceAsync(LeavingNames.Account, "token", request, cancellationToken)).Status.Token;
    }

    private async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (await ExistsAsync(cancellationToken) == true)
        {
            return;
        }

        var rights = await _rights.GetAsync(names.Rights, cancellationToken);
        var owner = new V1OwnerReference
        {
            ApiVersion = ResourceTypes.ClusterRoleBindings.ApiVersion,
            Kind = ResourceTypes.ClusterRoleBindings.Kind,
            Name = rights.Metadata.Name,
            Uid = rights.Metadata.Uid,
        };
        var guard = transport.As(await RequestTokenAsync(cancellationToken));
        try
        {
            await owners.SetAsync(guard, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Forbidden or KubernetesError.NotFound)
        {
            // The sessions are protected without it; only a refused `kubectl delete -k` has to be repeated then.
            Log.LeavingOwnersMissing(logger, exception.Message);
        }

        // The policy's binding is created last. While the binding does not exist, the operator can get the guard's token, so an interrupted
        // pass is repeated.
        await CreateAsync(guard, ResourceTypes.ValidatingAdmissionPolicies, LeavingPolicy.Policy(names, options.Value, owner), cancellationToken);
        await CreateAsync(guard, ResourceTypes.ValidatingAdmissionPolicyBindings, LeavingPolicy.Binding(names, options.Value, owner), cancellationToken);
    }

    private static async Task CreateAsync<T>(KubernetesTransport guard, ResourceType<T> type, T resource, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            await new ResourceClient<T>(guard, type).CreateAsync(resource, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Conflict or KubernetesError.AlreadyExists)
        {
            // Another replica, or this one before.
        }
    }
}
