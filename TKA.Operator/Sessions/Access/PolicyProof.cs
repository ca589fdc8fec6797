using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Leaving;
using TKA.Operator.Telemetry;

namespace TKA.Operator.Sessions.Access;

/// <summary>
/// Proves by dry run that the admission policies <c>tka-bindings</c> and <c>tka-guard-token</c> bind this operator. RBAC alone lets it bind
/// any role whose rules it holds, and a policy that was renamed, or that names another ServiceAccount or namespace, refuses nothing.
/// </summary>
internal sealed class PolicyProof
{
    private const string Bindings = "tka-bindings";

    private static readonly TimeSpan RecheckPeriod = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MissingPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestUnansweredPeriod = TimeSpan.FromMinutes(1);

    private readonly ResourceClient<V1RoleBinding> _roleBindings;
    private readonly ResourceClient<V1ClusterRoleBinding> _clusterRoleBindings;
    private readonly LeavingGuard _leaving;
    private readonly OperatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<PolicyProof> _logger;
    private string? _missing = "whether the admission policies are in force is not known yet";
    private volatile int _unanswered;

    public PolicyProof(
        ResourceClient<V1RoleBinding> roleBindings,
        ResourceClient<V1ClusterRoleBinding> clusterRoleBindings,
        LeavingGuard leaving,
        IOptions<OperatorOptions> options,
        OperatorMetrics metrics,
        TimeProvider time,
        ILogger<PolicyProof> logger)
    {
        (_roleBindings, _clusterRoleBindings, _leaving, _options, _time, _logger) = (roleBindings, clusterRoleBindings, leaving, options.Value, time, logger);
        metrics.WatchPolicies(() => _missing is null ? 0 : 1);
    }

    /// <summary>What the cluster lets this operator do although it must not; <see langword="null"/>: nothing that was tried.</summary>
    public string? Missing => Volatile.Read(ref _missing);

    /// <summary>
    /// Returns once the policies are proven; asks again every 5 seconds until then. It does not wait for a cluster that answers no
    /// creation of a binding, as with a broken webhook: there the operator can bind nothing, and sessions still have to be ended.
    /// </summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        while (Missing is { } missing)
        {
            if (_unanswered > 0)
            {
                Log.PoliciesUnknown(_logger, missing);
                return;
            }

            Log.PoliciesMissing(_logger, missing);
            await Task.Delay(MissingPeriod, _time, cancellationToken);
            await LookAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Asks in a replica that waits for the lead, which would otherwise not know whether it is ready. A replica that becomes leader asks by
    /// itself, in <see cref="WaitAsync"/>.
    /// </summary>
    /// <param name="isLeader">Whether this replica leads.</param>
    /// <param name="cancellationToken">Ends the loop.</param>
    public async Task StandByAsync(Func<bool> isLeader, CancellationToken cancellationToken)
    {
        var pause = MissingPeriod;
        while (true)
        {
            await Task.Delay(pause, _time, cancellationToken);
            pause = RecheckPeriod;
            if (isLeader())
            {
                continue;
            }

            await LookAsync(cancellationToken);
            if (Missing is { } missing)
            {
                Log.PoliciesGone(_logger, missing);
                pause = _unanswered == 0 ? LongestUnansweredPeriod : AfterUnanswered(_unanswered);
            }
        }
    }

    /// <summary>
    /// Asks again every 10 minutes; sooner, and ever less often, while there is no answer. A policy that is removed later is reported;
    /// sessions still have to be ended.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(_unanswered == 0 ? RecheckPeriod : AfterUnanswered(_unanswered), _time, cancellationToken);
            await LookAsync(cancellationToken);
            if (Missing is { } missing)
            {
                Log.PoliciesGone(_logger, missing);
            }
        }
    }

    private static TimeSpan AfterUnanswered(int times)
    {
        var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(times - 1, 10)));
        return pause < LongestUnansweredPeriod ? pause : LongestUnansweredPeriod;
    }

    /// <summary>Asks once; <see cref="Missing"/> has the answer.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var role = _options.Roles.Allowed[0];
        var unlabelled = ClusterRoleBinding(role);
        unlabelled.Metadata.Labels = null;
        try
        {
            var missing = await Task.WhenAll(
                TryAsync(Bindings, "create a binding without TKA's label", () => _clusterRoleBindings.DryRunCreateAsync(unlabelled, cancellationToken)),

                // The operator holds the rules of its own role, so RBAC does not refuse this.
                TryAsync(Bindings, "bind its own role to a session", () => _clusterRoleBindings.DryRunCreateAsync(ClusterRoleBinding("tka-operator"), cancellationToken)),
                TryAsync(Bindings, "bind a role in kube-system", () => _roleBindings.InNamespace("kube-system").DryRunCreateAsync(RoleBinding(role), cancellationToken)),
                TokenAsync(cancellationToken));
            Volatile.Write(ref _missing, missing.FirstOrDefault(text => text is not null));
            _unanswered = 0;
        }
        catch (KubernetesRequestException exception)
        {
            Log.PolicyCheckFailed(_logger, exception.Message);
            Volatile.Write(ref _missing, $"whether the admission policies are in force could not be found out: {exception.Message}");
            _unanswered++;
        }
    }

    /// <summary>Where there is no leaving policy yet the operator must get the token, to create it.</summary>
    private async Task<string?> TokenAsync(CancellationToken cancellationToken) =>
        await _leaving.ExistsAsync(cancellationToken) == true
            ? await TryAsync("tka-guard-token", "get a token that may create admission policies", () => _leaving.RequestTokenAsync(cancellationToken))
            : null;

    /// <summary>What is wrong when the cluster lets a request through.</summary>
    /// <exception cref="KubernetesRequestException">The cluster gave no clear answer.</exception>
    private static async Task<string?> TryAsync(string policy, string what, Func<Task> request)
    {
        try
        {
            await request();
            return Explain(policy, what);
        }
        catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Forbidden or KubernetesError.NotFound)
        {
            // NotFound: RBAC looks the role up first, and an installation may have renamed it.
            return null;
        }
    }

    private static string Explain(string policy, string what) =>
        $"the cluster lets the operator {what}: the admission policy {policy} of deploy/base/admission is missing, or names another ServiceAccount or namespace. Apply it again.";

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
