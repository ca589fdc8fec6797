using k8s.Models;
using TKA.Kubernetes.Caching;

namespace TKA.Operator.Sessions.Access;

/// <summary>What exists of a session in the cluster, according to the caches.</summary>
internal sealed class SessionInventory
{
    private const string BySession = "session";

    private readonly IResourceCache<V1ServiceAccount> _serviceAccounts;
    private readonly IResourceCache<V1RoleBinding> _roleBindings;
    private readonly IResourceCache<V1ClusterRoleBinding> _clusterRoleBindings;

    public SessionInventory(
        IResourceCache<V1ServiceAccount> serviceAccounts,
        IResourceCache<V1RoleBinding> roleBindings,
        IResourceCache<V1ClusterRoleBinding> clusterRoleBindings)
    {
        _serviceAccounts = serviceAccounts;
        _roleBindings = roleBindings;
        _clusterRoleBindings = clusterRoleBindings;
        serviceAccounts.AddIndex(BySession, static account => Session(account.Metadata));
        roleBindings.AddIndex(BySession, static binding => Session(binding.Metadata));
        clusterRoleBindings.AddIndex(BySession, static binding => Session(binding.Metadata));
    }

    /// <summary>Everything labelled as belonging to sessions of this name, earlier ones included.</summary>
    public SessionAccess Of(string session) => new(
        _serviceAccounts.ByIndex(BySession, session),
        [
            .. _clusterRoleBindings.ByIndex(BySession, session).Select(SessionBinding.Of),
            .. _roleBindings.ByIndex(BySession, session).Select(SessionBinding.Of),
        ]);

    /// <summary>Calls back with a session's name whenever one of its objects changes.</summary>
    public IDisposable Subscribe(Action<string> changed)
    {
        var subscriptions = new[]
        {
            _serviceAccounts.Subscribe(change => Tell(changed, change.Previous?.Metadata, change.Current?.Metadata)),
            _roleBindings.Subscribe(change => Tell(changed, change.Previous?.Metadata, change.Current?.Metadata)),
            _clusterRoleBindings.Subscribe(change => Tell(changed, change.Previous?.Metadata, change.Current?.Metadata)),
        };
        return new Subscriptions(subscriptions);
    }

    public void Observe(V1ServiceAccount account) => _serviceAccounts.Observe(account);

    public void Observe(V1RoleBinding binding) => _roleBindings.Observe(binding);

    public void Observe(V1ClusterRoleBinding binding) => _clusterRoleBindings.Observe(binding);

    public void ObserveDeleted(V1ServiceAccount account) => _serviceAccounts.ObserveDeleted(account);

    public void ObserveDeleted(SessionBinding binding)
    {
        if (binding.Resource is V1RoleBinding roleBinding)
        {
            _roleBindings.ObserveDeleted(roleBinding);
        }
        else
        {
            _clusterRoleBindings.ObserveDeleted((V1ClusterRoleBinding)binding.Resource);
        }
    }

    private static string[] Session(V1ObjectMeta metadata) => SessionLabels.SessionOf(metadata) is { } session ? [session] : [];

    private static void Tell(Action<string> changed, V1ObjectMeta? previous, V1ObjectMeta? current)
    {
        var before = previous is null ? null : SessionLabels.SessionOf(previous);
        var after = current is null ? null : SessionLabels.SessionOf(current);
        if (before is not null)
        {
            changed(before);
        }

        if (after is not null && after != before)
        {
            changed(after);
        }
    }

    private sealed class Subscriptions(IDisposable[] subscriptions) : IDisposable
    {
        public void Dispose()
        {
            foreach (var subscription in subscriptions)
            {
                subscription.Dispose();
            }
        }
    }
}
