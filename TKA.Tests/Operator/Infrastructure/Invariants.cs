using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Signins;
using TKA.Operator.Sessions;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>What must hold of the cluster whenever the operator has come to rest: I1 to I7 of the reliability reference (I8, restarts change nothing, needs a restart).</summary>
internal static class Invariants
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>Everything that is wrong; empty: nothing.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(SessionWorld world)
    {
        var cancel = TestContext.Current.CancellationToken;
        var selector = $"{TkaLabels.ManagedBy}={TkaLabels.ManagedByValue}";
        var signins = (await world.Admin.ListAsync(null, cancel)).Items;
        var accounts = (await world.ServiceAccounts.ListAsync(selector, cancel)).Items;
        var clusterBindings = (await world.ClusterRoleBindings.ListAsync(selector, cancel)).Items;
        var bindings = (await world.RoleBindings.ListAsync(selector, cancel)).Items;
        var grants = clusterBindings.Where(binding => IsOurs(world, binding.Subjects)).Select(binding => new Grant(binding.Metadata, null, binding.RoleRef.Name, binding.Subjects))
            .Concat(bindings.Where(binding => IsOurs(world, binding.Subjects)).Select(binding => new Grant(binding.Metadata, binding.Metadata.NamespaceProperty, binding.RoleRef.Name, binding.Subjects)))
            .ToArray();
        var byUid = signins.ToDictionary(signin => signin.Metadata.Uid);
        List<string> wrong = [];

        foreach (var metadata in accounts.Select(account => account.Metadata).Concat(grants.Select(grant => grant.Metadata)))
        {
            if (!byUid.ContainsKey(Label(metadata, TkaLabels.SessionUid)))
            {
                wrong.Add($"I1: {metadata.Name} has no TkaSignin (uid {Label(metadata, TkaLabels.SessionUid)})");
            }
        }

        foreach (var signin in signins)
        {
            CheckOne(world, signin, accounts, grants, wrong);
        }

        foreach (var same in signins.GroupBy(signin => signin.Spec.Username, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            wrong.Add($"I4: {same.Key} has {same.Count()} sessions");
        }

        return wrong;
    }

    /// <summary>Waits until nothing is wrong.</summary>
    public static async Task HoldAsync(SessionWorld world)
    {
        IReadOnlyList<string> wrong = [];
        try
        {
            await Soon.TrueAsync(
                async () =>
                {
                    world.Tick();
                    return (wrong = await ViolationsAsync(world)).Count == 0;
                },
                "the invariants");
        }
        catch (Xunit.Sdk.FailException)
        {
            Assert.Fail(string.Join('\n', wrong));
        }
    }

    /// <summary>Everything of TKA's in the cluster with its version: equal before and after means that nothing was written (I8).</summary>
    public static async Task<IReadOnlyList<string>> SnapshotAsync(SessionWorld world)
    {
        var cancel = TestContext.Current.CancellationToken;
        var selector = $"{TkaLabels.ManagedBy}={TkaLabels.ManagedByValue}";
        return
        [
            .. (await world.Admin.ListAsync(null, cancel)).Items.Select(item => Version(item.Metadata)).Order(StringComparer.Ordinal),
            .. (await world.ServiceAccounts.ListAsync(selector, cancel)).Items.Select(item => Version(item.Metadata)).Order(StringComparer.Ordinal),
            .. (await world.ClusterRoleBindings.ListAsync(selector, cancel)).Items.Select(item => Version(item.Metadata)).Order(StringComparer.Ordinal),
            .. (await world.RoleBindings.ListAsync(selector, cancel)).Items.Select(item => Version(item.Metadata)).Order(StringComparer.Ordinal),
        ];
    }

    private static void CheckOne(SessionWorld world, TkaSignin signin, List<V1ServiceAccount> accounts, Grant[] grants, List<string> wrong)
    {
        var name = signin.Metadata.Name;
        var now = world.Time.GetUtcNow();
        var window = SessionWindow.Of(signin, TimeSpan.FromHours(168), now);
        var account = accounts.FirstOrDefault(candidate => candidate.Metadata.Name == name);
        var own = grants.Where(grant => Label(grant.Metadata, TkaLabels.Session) == name).ToArray();
        var ready = signin.ReadyCondition();

        if (now >= window.End + Bound && (account is not null || own.Length > 0) && ready?.Reason != ConditionReasons.RevocationFailed)
        {
            wrong.Add($"I2/I7: {name} was over at {window.End:O}, still has access at {now:O}, and does not say that revoking fails");
        }

        if (signin.Spec.Username != Annotation(account?.Metadata, signin.Spec.Username))
        {
            wrong.Add($"I4: ServiceAccount {name} belongs to {account!.Metadata.Annotations[TkaAnnotations.Username]}, the session to {signin.Spec.Username}");
        }

        if (!signin.IsReady())
        {
            return;
        }

        string?[] wanted = signin.Namespaces() is { Count: > 0 } namespaces ? [.. namespaces.Order(StringComparer.Ordinal)] : [null];
        if (!own.Select(grant => grant.Namespace).Order(StringComparer.Ordinal).SequenceEqual(wanted) || own.Any(grant => grant.Role != signin.Spec.Role))
        {
            wrong.Add($"I3: {name} should have {signin.Spec.Role} in [{string.Join(',', wanted)}], has {string.Join(", ", own.Select(grant => $"{grant.Role} in [{grant.Namespace}]"))}");
        }

        if (account is null || account.Metadata.Uid != signin.Status!.ServiceAccount!.Uid || account.Metadata.DeletionTimestamp is not null)
        {
            wrong.Add($"I5: {name} is Ready with ServiceAccount uid {signin.Status?.ServiceAccount?.Uid}, the cluster has {account?.Metadata.Uid ?? "none"}");
        }

        if (own.Any(grant => grant.Subjects is not [var subject] || subject.Name != name || subject.NamespaceProperty != world.Tka.SessionsNamespace))
        {
            wrong.Add($"I5: a binding of {name} has other subjects");
        }
    }

    private static bool IsOurs(SessionWorld world, IList<Rbacv1Subject>? subjects) =>
        subjects?.Any(subject => subject.NamespaceProperty == world.Tka.SessionsNamespace) == true;

    private static string Version(V1ObjectMeta metadata) => $"{ObjectKeyOf(metadata)} {metadata.Uid} {metadata.ResourceVersion}";

    private static ObjectKey ObjectKeyOf(V1ObjectMeta metadata) => new(metadata.NamespaceProperty, metadata.Name);

    private static string Label(V1ObjectMeta metadata, string label) => metadata.Labels is { } labels && labels.TryGetValue(label, out var value) ? value : "";

    private static string Annotation(V1ObjectMeta? metadata, string otherwise) =>
        metadata?.Annotations is { } annotations && annotations.TryGetValue(TkaAnnotations.Username, out var value) ? value : otherwise;

    private sealed record Grant(V1ObjectMeta Metadata, string? Namespace, string Role, IList<Rbacv1Subject>? Subjects);
}
