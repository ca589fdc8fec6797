namespace TKA.Cli.Doctor;

/// <summary>
/// Whether sessions of the Go TKA are left in the cluster of kubectl's current context: a ClusterRoleBinding <c>tka-user-NAME-binding</c> of
/// ServiceAccount <c>tka-user-NAME</c>, without TKA's label. One that outlived the Go TKA gives access for ever. They are named and not
/// removed: the Go TKA may be running still.
/// </summary>
internal static class GoSessionsCheck
{
    private const string Name = "Go TKA";
    private const string Prefix = "tka-user-";
    private const string Columns = "{.metadata.name} {.roleRef.name} {.metadata.labels.app\\.kubernetes\\.io/managed-by}/{.subjects[*].kind}/{.subjects[*].namespace}/{.subjects[*].name}";

    /// <summary>Runs it.</summary>
    public static async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        var (lines, failure) = await ClusterQuery.ListAsync(Name, "clusterrolebindings", "ClusterRoleBindings", Columns, cancellationToken);
        if (failure is not null)
        {
            return failure;
        }

        var left = lines.Select(Read).OfType<Left>().ToArray();
        return left.Length == 0
            ? new(Name, Verdict.Ok, "No session of the Go TKA is left in the cluster.")
            : new(
                Name,
                Verdict.Warning,
                $"These look like sessions of the Go TKA, which end only while it runs: {string.Join(", ", left.Select(one => $"{one.Binding} ({one.Role})"))}.",
                $"If it is gone, look at them, then: kubectl delete clusterrolebinding {string.Join(' ', left.Select(one => one.Binding))}; kubectl -n {left[0].Namespace} delete serviceaccount {string.Join(' ', left.Where(one => one.Namespace == left[0].Namespace).Select(one => one.Account))}");
    }

    private static Left? Read(string line) =>
        line.Split(' ') is [var binding, var role, var rest] && rest.Split('/') is ["", "ServiceAccount", var ns, var account]
        && account.StartsWith(Prefix, StringComparison.Ordinal) && binding == $"{account}-binding"
            ? new(binding, role, ns, account)
            : null;

    private sealed record Left(string Binding, string Role, string Namespace, string Account);
}
