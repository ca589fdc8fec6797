namespace TKA.Cli.Doctor;

/// <summary>
/// Whether the cluster of kubectl's current context has TKA's admission policies, each bound so that it denies. For its administrator: a
/// person's session may not read them.
/// </summary>
internal static class ClusterPolicyCheck
{
    private const string Name = "Policies";
    private const string Columns = "{.kind} {.metadata.name} {.spec.policyName} {.spec.validationActions[*]}";
    private static readonly string[] Policies = ["tka-bindings", "tka-guard-token", "tka-session-grants", "tka-sessions", "tka-signins"];

    /// <summary>Runs it.</summary>
    public static async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        var (lines, failure) = await ClusterQuery.ListAsync(
            Name, "validatingadmissionpolicies,validatingadmissionpolicybindings", "admission policies", Columns, cancellationToken);
        return failure ?? Judge(lines);
    }

    private static Finding Judge(string[] lines)
    {
        var missing = Policies.Where(policy => !lines.Any(line => line.TrimEnd() == $"ValidatingAdmissionPolicy {policy}")
            || !lines.Any(line => line.StartsWith($"ValidatingAdmissionPolicyBinding {policy} {policy} ", StringComparison.Ordinal) && line.Split(' ').Contains("Deny"))).ToArray();
        return missing.Length == 0
            ? new(Name, Verdict.Ok, "The cluster has TKA's admission policies, and they deny.")
            : new(
                Name,
                Verdict.Failed,
                $"The cluster does not hold TKA to its bounds: {string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} missing, not bound, or bound without Deny.",
                "Apply deploy/ again: helm upgrade, or kubectl apply -k.");
    }
}
