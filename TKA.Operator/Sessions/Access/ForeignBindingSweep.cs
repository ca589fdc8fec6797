using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Events;

namespace TKA.Operator.Sessions.Access;

/// <summary>
/// Looks every ten minutes for bindings that TKA did not make and that name a ServiceAccount of the sessions namespace. The names of
/// these accounts are stable, so such a binding gives a person access at every login, whatever the grant says. It is reported and left
/// alone: TKA cannot know who wants it.
/// </summary>
internal sealed class ForeignBindingSweep(
    ResourceClient<V1RoleBinding> roleBindings,
    ResourceClient<V1ClusterRoleBinding> clusterRoleBindings,
    IResourceCache<TkaSignin> signins,
    EventRecorder events,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    ILogger<ForeignBindingSweep> logger) : BackgroundService
{
    private const string GoPrefix = "tka-user-";

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    private HashSet<string> _ofGo = [];

    /// <summary>Foreign bindings seen by the last complete look.</summary>
    public int Count { get; private set; }

    /// <summary>Bindings that the Go TKA left behind, as the last complete look saw them.</summary>
    public int OfGo => _ofGo.Count;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            // Not at once: a starting operator has sessions to look after, and these lists are as long as the cluster is large.
            await Task.Delay(Period, time, stoppingToken);
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (KubernetesRequestException exception)
            {
                Log.ForeignBindingsUnknown(logger, exception.Message);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var cluster = (await clusterRoleBindings.ListAsync(null, cancellationToken)).Items.Select(binding => (binding.Metadata, binding.RoleRef, binding.Subjects)).ToArray();
        ReportOfGo(cluster);
        var inNamespaces = (await roleBindings.ListAsync(null, cancellationToken)).Items.Select(binding => (binding.Metadata, binding.RoleRef, binding.Subjects));
        var found = cluster.Concat(inNamespaces)
            .Select(binding => (binding.Metadata, binding.RoleRef, Session: SessionOf(binding.Metadata, binding.Subjects ?? [])))
            .Where(binding => binding.Session is not null)
            .ToArray();
        Count = found.Length;
        foreach (var (metadata, role, session) in found)
        {
            var name = new ObjectKey(metadata.NamespaceProperty, metadata.Name);
            Log.ForeignBinding(logger, name.ToString(), role.Name, session!);
            if (signins.Get(new ObjectKey(options.Value.Namespace, session!)) is { } signin)
            {
                events.Warning(signin, EventReasons.ForeignBinding, $"Binding {name}, which TKA did not make, gives this person role {role.Name} at every login. Remove it unless it is wanted.");
            }
        }
    }

    /// <summary>
    /// The Go TKA gives each session a ClusterRoleBinding <c>tka-user-NAME-binding</c> for ServiceAccount <c>tka-user-NAME</c>, without a
    /// label or an owner. One whose clean-up failed, or that outlived the Go TKA, gives access for ever. Each is named once.
    /// </summary>
    private void ReportOfGo(IEnumerable<(V1ObjectMeta Metadata, V1RoleRef RoleRef, IList<Rbacv1Subject> Subjects)> bindings)
    {
        HashSet<string> found = [];
        foreach (var (metadata, role, subjects) in bindings)
        {
            if (SessionLabels.SessionOf(metadata) is null
                && subjects is [{ Kind: "ServiceAccount" } subject]
                && subject.Name.StartsWith(GoPrefix, StringComparison.Ordinal)
                && metadata.Name == $"{subject.Name}-binding")
            {
                found.Add(metadata.Name);
                if (!_ofGo.Contains(metadata.Name))
                {
                    Log.GoBinding(logger, metadata.Name, role.Name, subject.NamespaceProperty, subject.Name);
                }
            }
        }

        _ofGo = found;
    }

    /// <summary>The ServiceAccount or group of the sessions namespace that a foreign binding names.</summary>
    private string? SessionOf(V1ObjectMeta metadata, IList<Rbacv1Subject> subjects)
    {
        var sessions = options.Value.Namespace;
        if (SessionLabels.SessionOf(metadata) is not null && metadata.Labels.TryGetValue(Contracts.Sessions.TkaLabels.SessionNamespace, out var owner) && owner == sessions)
        {
            return null;
        }

        return subjects.FirstOrDefault(subject =>
            (subject.Kind == "ServiceAccount" && subject.NamespaceProperty == sessions)
            || (subject.Kind == "Group" && subject.Name == $"system:serviceaccounts:{sessions}")
            || (subject.Kind == "User" && subject.Name.StartsWith($"system:serviceaccount:{sessions}:", StringComparison.Ordinal)))?.Name;
    }
}
