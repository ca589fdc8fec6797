using System.ComponentModel;
using System.Diagnostics;
using TKA.Cli.Errors;
using TKA.Cli.Shells;

namespace TKA.Cli.Doctor;

/// <summary>Reads from the cluster of kubectl's current context, with the rights of whoever runs doctor.</summary>
internal static class ClusterQuery
{
    /// <summary>Lists objects.</summary>
    /// <param name="check">The check that asks.</param>
    /// <param name="resources">As kubectl takes them, separated by commas.</param>
    /// <param name="what">Those resources in words.</param>
    /// <param name="columns">What to print of each object, in kubectl's JSONPath.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A line for each object, or why there are none.</returns>
    public static async Task<(string[] Lines, Finding? Failure)> ListAsync(string check, string resources, string what, string columns, CancellationToken cancellationToken)
    {
        try
        {
            using var kubectl = Process.Start(new ProcessStartInfo(
                ChildProcess.Find("kubectl"),
                ["get", resources, "--request-timeout=10s", "-o", $"jsonpath={{range .items[*]}}{columns}{{\"\\n\"}}{{end}}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var error = kubectl.StandardError.ReadToEndAsync(cancellationToken);
            var lines = (await kubectl.StandardOutput.ReadToEndAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await kubectl.WaitForExitAsync(cancellationToken);
            return kubectl.ExitCode == 0
                ? (lines, null)
                : ([], new(check, Verdict.Failed, $"kubectl cannot read the cluster's {what}: {(await error).Trim()}", "kubectl config current-context"));
        }
        catch (Exception exception) when (exception is CliException or Win32Exception)
        {
            return ([], new(check, Verdict.Failed, $"kubectl is needed to read the cluster's {what}.", "Install it: https://kubernetes.io/docs/tasks/tools/"));
        }
    }
}
