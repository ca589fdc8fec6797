using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Access;
using TKA.Operator.Sessions.Leaving;
using TKA.Operator.Telemetry;

namespace TKA.Operator.Sessions;

/// <summary>
/// <c>TKA.Operator check</c>: what <c>helm test</c> runs, with the operator's rights. It looks whether sessions can be kept in this cluster: its
/// kind is there, the admission policies bind the operator, and a replica leads.
/// </summary>
internal static class InstallationCheck
{
    /// <summary>First argument that asks for it.</summary>
    public const string Command = "check";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A leader renews its lease every few seconds, and a dead one is replaced within 15.
    private const int Looks = 30;

    /// <summary>Runs the command with the operator's own settings.</summary>
    /// <param name="args">Arguments after the command's name.</param>
    /// <param name="output">Where the findings go, a line each.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Exit code: 1 when something is missing.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken)
    {
        await using var services = OperatorServices.ForCommand(args);
        return await RunAsync(
            services.GetRequiredService<KubernetesTransport>(), services.GetRequiredService<IOptions<OperatorOptions>>(), output, TimeProvider.System, cancellationToken);
    }

    /// <summary>Looks at each part and writes a line for it.</summary>
    public static async Task<int> RunAsync(
        KubernetesTransport transport, IOptions<OperatorOptions> options, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        string?[] problems =
        [
            await TryAsync("The sessions", () => SessionsAsync(transport, options.Value, cancellationToken)),
            await TryAsync("The admission policies", () => PoliciesAsync(transport, options, time, cancellationToken)),
            await TryAsync("The lead", () => LeadAsync(transport, options.Value, time, cancellationToken)),
        ];
        foreach (var problem in problems.OfType<string>())
        {
            await output.WriteLineAsync(problem);
        }

        if (problems.All(problem => problem is null))
        {
            await output.WriteLineAsync("Sessions can be kept here: the admission policies bind the operator, and a replica leads.");
            return 0;
        }

        return 1;
    }

    private static async Task<string?> TryAsync(string what, Func<Task<string?>> look)
    {
        try
        {
            return await look();
        }
        catch (KubernetesRequestException exception)
        {
            return $"{what} cannot be read: {exception.Message}";
        }
    }

    private static async Task<string?> SessionsAsync(KubernetesTransport transport, OperatorOptions options, CancellationToken cancellationToken)
    {
        await new ResourceClient<TkaSignin>(transport, ResourceTypes.TkaSignins, options.Namespace).ListAsync(null, cancellationToken);
        return null;
    }

    private static async Task<string?> PoliciesAsync(KubernetesTransport transport, IOptions<OperatorOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var metrics = new OperatorMetrics();
        var policies = new PolicyProof(
            new ResourceClient<V1RoleBinding>(transport, ResourceTypes.RoleBindings),
            new ResourceClient<V1ClusterRoleBinding>(transport, ResourceTypes.ClusterRoleBindings),
            new LeavingGuard(transport, new LeavingNames(), new LeavingOwners(transport, new LeavingNames(), options), options, time, NullLogger<LeavingGuard>.Instance),
            options,
            metrics,
            time,
            NullLogger<PolicyProof>.Instance);
        await policies.LookAsync(cancellationToken);
        return policies.Missing;
    }

    private static async Task<string?> LeadAsync(KubernetesTransport transport, OperatorOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var leases = new ResourceClient<V1Lease>(transport, ResourceTypes.Leases, options.SystemNamespace);
        var before = await leases.TryGetAsync(OperatorServices.LeaseName, cancellationToken);
        for (var look = 0; look < Looks; look++)
        {
            await Task.Delay(Interval, time, cancellationToken);
            var now = await leases.TryGetAsync(OperatorServices.LeaseName, cancellationToken);
            if (!string.IsNullOrEmpty(now?.Spec?.HolderIdentity) && now.Metadata.ResourceVersion != before?.Metadata.ResourceVersion)
            {
                return null;
            }
        }

        return $"No replica of the operator leads: Lease {OperatorServices.LeaseName} in {options.SystemNamespace} is not renewed. See its log, and `policies` in /readyz?verbose.";
    }
}
