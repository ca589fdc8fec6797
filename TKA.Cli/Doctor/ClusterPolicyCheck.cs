using System.ComponentModel;
using System.Diagnostics;
using TKA.Cli.Errors;
using TKA.Cli.Shells;

namespace TKA.Cli.Doctor;

/// <summary>
/// Whether the cluster of kubectl's current context has TKA's admission policies, each bound so that it denies. For its administrator: a
/// person's session may not read them.
/// </summary>
internal static class ClusterPolicyCheck
{
    private const string Name = "Policies";
    private const string Columns = "jsonpath={range .items[*]}{.kind} {.metadata.name} {.spec.policyName} {.spec.validationActions[*]}{\"\\n\"}{end}";
    private static readonly string[] Policies = ["tka-bindings", "tka-guard-token", "tka-session-grants", "tka-sessions", "tka-signins"];

    /// <summary>Runs it.</summary>
    public static async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var kubectl = Process.Start(new ProcessStartInfo(
                ChildProcess.Find("kubectl"),
                ["get", "validatingadmissionpolicies,validatingadmissionpolicybindings", "--request-timeout=10s", "-o", Columns])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var error = kubectl.StandardError.ReadToEndAsync(cancellationToken);
            var lines = (await kubectl.StandardOutput.ReadToEndAsync(cancellationToken)).Split('\n');
            await kubectl.WaitForExitAsync(cancellationToken);
            return kubectl.ExitCode == 0
                ? Judge(lines)
                : new(Name, Verdict.Failed, $"kubectl cannot read the cluster's admission policies: {(await error).Trim()}", "kubectl config current-context");
        }
        catch (Exception exception) when (exception is CliException or Win32Exception)
        {
            return new(Name, Verdict.Failed, "kubectl is needed to read the cluster's admission policies.", "Install it: https://kubernetes.io/docs/tasks/tools/");
        }
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
