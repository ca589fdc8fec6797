using k8s.Models;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>Everything of TKA's in a cluster at one moment, read with an administrator's rights and not through any cache of the operator's.</summary>
internal sealed record ClusterView(
    DateTimeOffset Now,
    string SessionsNamespace,
    IReadOnlyList<TkaSignin> Signins,
    IReadOnlyList<V1ServiceAccount> Accounts,
    IReadOnlyList<GrantView> Grants,
    IReadOnlyList<AskedSession> Asked,
    IReadOnlyList<IssuedToken> Tokens,
    IReadOnlyList<SessionItem> Shown,
    IReadOnlySet<string> Roles,
    IReadOnlyList<string> TooManyRequests,
    IReadOnlyList<string> ShownLate)
{
    private const string Selector = $"{TkaLabels.ManagedBy}={TkaLabels.ManagedByValue}";

    public static async Task<ClusterView> ReadAsync(SessionWorld world)
    {
        var cancel = TestContext.Current.CancellationToken;
        var ns = world.Tka.SessionsNamespace;
        var (signins, shown) = await world.Shown.ReadAsync(async () => [.. (await world.Admin.ListAsync(null, cancel)).Items], world.Clock);
        var accounts = (await world.ServiceAccounts.ListAsync(Selector, cancel)).Items;
        var everywhere = (await world.ClusterRoleBindings.ListAsync(Selector, cancel)).Items
            .Select(binding => new GrantView(binding.Metadata, null, binding.RoleRef.Name, binding.Subjects));
        var somewhere = (await world.RoleBindings.ListAsync(Selector, cancel)).Items
            .Select(binding => new GrantView(binding.Metadata, binding.Metadata.NamespaceProperty, binding.RoleRef.Name, binding.Subjects));
        return new ClusterView(
            world.Clock.GetUtcNow(),
            ns,
            signins,
            accounts,
            [.. everywhere.Concat(somewhere).Where(grant => grant.Concerns(ns))],
            world.Asked,
            world.Tokens.Issued,
            shown,
            await RolesAsync(world, signins.Select(signin => signin.Spec.Role).Distinct(StringComparer.Ordinal), cancel),
            world.Rates.Violations(),
            world.Shown.Late);
    }

    /// <summary>Each object with its version, under its session's name: equal before and after means that nothing was written.</summary>
    public ILookup<string, string> Versions() =>
        Signins.Select(signin => signin.Metadata).Select(metadata => (Session: metadata.Name, Version: VersionOf("tkasignin", metadata)))
            .Concat(Accounts.Select(account => (SessionOf(account.Metadata), VersionOf("serviceaccount", account.Metadata))))
            .Concat(Grants.Select(grant => (SessionOf(grant.Metadata), VersionOf("binding", grant.Metadata))))
            .OrderBy(item => item.Item2, StringComparer.Ordinal)
            .ToLookup(item => item.Item1, item => item.Item2);

    public static string SessionOf(V1ObjectMeta metadata) => Label(metadata, TkaLabels.Session);

    public static string Label(V1ObjectMeta metadata, string label) => metadata.Labels is { } labels && labels.TryGetValue(label, out var value) ? value : "";

    /// <summary>Those of the roles that exist.</summary>
    private static async Task<HashSet<string>> RolesAsync(SessionWorld world, IEnumerable<string> roles, CancellationToken cancellationToken)
    {
        HashSet<string> existing = [];
        foreach (var role in roles)
        {
            if (await world.ClusterRoles.TryGetAsync(role, cancellationToken) is not null)
            {
                existing.Add(role);
            }
        }

        return existing;
    }

    private static string VersionOf(string kind, V1ObjectMeta metadata) =>
        $"{kind} {metadata.NamespaceProperty}/{metadata.Name} {metadata.Uid} {metadata.ResourceVersion}";
}

/// <summary>A binding of either kind. <paramref name="Namespace"/> <see langword="null"/>: cluster-wide.</summary>
internal sealed record GrantView(V1ObjectMeta Metadata, string? Namespace, string Role, IList<Rbacv1Subject>? Subjects)
{
    /// <summary>Of this installation, that is; on a real cluster there may be others.</summary>
    public bool Concerns(string sessionsNamespace) => Subjects?.Any(subject => subject.NamespaceProperty == sessionsNamespace) == true;
}
