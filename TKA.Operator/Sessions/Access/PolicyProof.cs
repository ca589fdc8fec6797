using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;
using TKA.Operator.Telemetry;

namespace TKA.Operator.Sessions.Access;

/// <summary>
/// Proves by dry run that the admission policy <c>tka-bindings</c> binds this operator. RBAC alone lets it bind any role whose rules
/// it holds, and a policy that was renamed, or that names another ServiceAccount or namespace, refuses nothing.
/// </summary>
internal sealed class PolicyProof
{
    private static readonly TimeSpan RecheckPeriod = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MissingPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UnansweredPeriod = TimeSpan.FromMilliseconds(200);

    private readonly ResourceClient<V1RoleBinding> _roleBindings;
    private readonly ResourceClient<V1ClusterRoleBinding> _clusterRoleBindings;
    private readonly OperatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<PolicyProof> _logger;
    private string? _missing = "whether the admission policies are in force is not known yet";

    public PolicyProof(
        ResourceClient<V1RoleBinding> roleBindings,
        ResourceClient<V1ClusterRoleBinding> clusterRoleBindings,
        IOptions<OperatorOptions> options,
        OperatorMetrics metrics,
        TimeProvider time,
        ILogger<PolicyProof> logger)
    {
        (_roleBindings, _clusterRoleBindings, _options, _time, _logger) = (roleBindings, clusterRoleBindings, options.Value, time, logger);
        metrics.WatchPolicies(() => _missing is null ? 0 : 1);
    }

    /// <summary>What the cluster lets this operator do although it must not; <see langword="null"/>: nothing that was tried.</summary>
    public string? Missing => Volatile.Read(ref _missing);

    /// <summary>Returns once the policies are proven; asks again every 5 seconds until then.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        while (Missing is { } missing)
        {
            Log.PoliciesMissing(_logger, missing);
            await Task.Delay(MissingPeriod, _time, cancellationToken);
            await LookAsync(cancellationToken);
        }
    }

    /// <summary>Asks again every 10 minutes. A policy that is removed later is reported; sessions still have to be ended.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(RecheckPeriod, _time, cancellationToken);
            await LookAsync(cancellationToken);
            if (Missing is { } missing)
            {
                Log.PoliciesGone(_logger, missing);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var role = _options.Roles.Allowed[0];
        var unlabelled = ClusterRoleBinding(role);
        unlabelled.Metadata.Labels = null;
        var missing = await Task.WhenAll(
            TryAsync("create a binding without TKA's label", token => _clusterRoleBindings.DryRunCreateAsync(unlabelled, token), cancellationToken),

            // The operator holds the rules of its own role, so RBAC does not refuse this.
            TryAsync("bind its own role to a session", token => _clusterRoleBindings.DryRunCreateAsync(ClusterRoleBinding("tka-operator"), token), cancellationToken),
            TryAsync("bind a role in kube-system", token => _roleBindings.InNamespace("kube-system").DryRunCreateAsync(RoleBinding(role), token), cancellationToken));
        Volatile.Write(ref _missing, missing.FirstOrDefault(text => text is not null));
    }

    /// <summary>What is wrong when the cluster lets a request through; a request without a clear answer is sent again.</summary>
    private async Task<string?> TryAsync(string what, Func<CancellationToken, Task> request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await request(cancellationToken);
                return Explain(what);
            }
            catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Forbidden or KubernetesError.NotFound)
            {
                // NotFound: RBAC looks the role up first, and an installation may have renamed it.
                return null;
            }
            catch (KubernetesRequestException exception)
            {
                Log.PolicyCheckFailed(_logger, exception.Message);
            }

            await Task.Delay(UnansweredPeriod, _time, cancellationToken);
        }
    }

    private static string Explain(string what) =>
        $"the cluster lets the operator {what}: the admission policy tka-bindings of deploy/base/admission is missing, or names another ServiceAccount or namespace. Apply it again.";

    private V1ClusterRoleBinding ClusterRoleBinding(string role) => new() { Metadata = Metadata(), RoleRef = RoleRef(role), Subjects = Subjects() };

    private V1RoleBinding RoleBinding(string role) => new() { Metadata = Metadata("kube-system"), RoleRef = RoleRef(role), Subjects = Subjects() };

    private V1ObjectMeta Metadata(string? ns = null) => new()
    {
        Name = $"tka-policy-proof-{_options.Namespace}",
        NamespaceProperty = ns,
        Labels = new Dictionary<string, string> { [TkaLabels.ManagedBy] = TkaLabels.ManagedByValue },
    };

    private static V1RoleRef RoleRef(string role) => new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = role };

    private List<Rbacv1Subject> Subjects() => [new() { Kind = "ServiceAccount", Name = "tka-policy-proof", NamespaceProperty = _options.Namespace }];
}
