using k8s.Models;
using TKA.Kubernetes;
using TKA.Kubernetes.Sessions;

namespace TKA.Operator.Sessions.Access;

/// <summary>The objects that give sessions of one name access.</summary>
/// <param name="ServiceAccounts">None or one, as all have the session's name.</param>
/// <param name="Bindings">Bindings in any namespace and cluster-wide.</param>
internal sealed record SessionAccess(IReadOnlyList<V1ServiceAccount> ServiceAccounts, IReadOnlyList<SessionBinding> Bindings)
{
    public bool IsEmpty => ServiceAccounts.Count == 0 && Bindings.Count == 0;

    /// <summary>Those that were made for an earlier session of the same name.</summary>
    public SessionAccess NotOf(TkaSignin signin) => new(
        [.. ServiceAccounts.Where(account => !AccessObjects.IsOwnedBy(account.Metadata, signin))],
        [.. Bindings.Where(binding => binding.SessionUid != signin.Metadata.Uid)]);

    /// <summary>The bindings that give something else than the session asks for.</summary>
    public SessionAccess NotWantedBy(TkaSignin signin)
    {
        var wanted = AccessObjects.BindingKeys(signin).ToHashSet();
        var account = ObjectKey.Of(signin);
        return new SessionAccess([], [.. Bindings.Where(binding => !wanted.Contains(binding.Key) || !binding.Grants(signin.Spec.Role, account))]);
    }
}
