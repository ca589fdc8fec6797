using System.Text;

namespace TKA.DevEnvironment.Stack;

/// <summary>
/// <c>DIR/env</c>: <c>KEY=VALUE</c> lines that a shell can source. Its appearing says that the stack is ready, so it is
/// written whole in one step.
/// </summary>
internal static class EnvFile
{
    /// <summary>Writes the file.</summary>
    /// <param name="files">Where.</param>
    /// <param name="addresses">What to say.</param>
    /// <param name="tailnet">Tailnet of the stack. The policy file counts for the embedded one only.</param>
    /// <param name="clusters">API and files of the clusters beyond the first.</param>
    /// <param name="telemetry">Variables of OpenTelemetry for <c>tka</c>; none when the stack has no collector.</param>
    /// <param name="cancellationToken">Gives up; no file is left.</param>
    public static async Task WriteAsync(
        StackFiles files,
        StackAddresses addresses,
        StackTailnet tailnet,
        IReadOnlyList<FurtherCluster> clusters,
        IReadOnlyList<(string Key, string Value)> telemetry,
        CancellationToken cancellationToken)
    {
        (string Key, string Value)[] lines =
        [
            ("TKA_SERVER", Text(addresses.Server)),
            ("TKA_ORCHESTRATOR", Text(addresses.Orchestrator)),
            ("TKA_API_HEALTH", Text(addresses.ApiHealth)),
            ("TKA_OPERATOR_HEALTH", Text(addresses.OperatorHealth)),
            ("TKA_ORCHESTRATOR_HEALTH", Text(addresses.OrchestratorHealth)),
            ("TKA_ADMIN_KUBECONFIG", files.AdminKubeconfig),
            ("TKA_POLICY", tailnet.IsEmbedded ? files.Policy : ""),
            ("TKA_TAILSCALED_SOCKET", tailnet.Socket),
            ("DAPR_GRPC_ENDPOINT", Text(addresses.Dapr)),
            .. clusters.SelectMany(cluster => ((string, string)[])
            [
                ($"TKA_SERVER_{cluster.Number}", Text(cluster.Server)),
                ($"TKA_ADMIN_KUBECONFIG_{cluster.Number}", cluster.AdminKubeconfig),
            ]),
            .. telemetry,
        ];
        var text = new StringBuilder();
        foreach (var (key, value) in lines)
        {
            text.Append(key).Append('=').Append(Quote(value)).Append('\n');
        }

        var temporary = $"{files.Env}.{Environment.ProcessId}";
        await File.WriteAllTextAsync(temporary, text.ToString(), cancellationToken);
        File.Move(temporary, files.Env, overwrite: true);
    }

    /// <summary>Removes the file; nothing happens when there is none.</summary>
    public static void Remove(StackFiles files) => File.Delete(files.Env);

    private static string Text(Uri uri) => uri.GetLeftPart(UriPartial.Authority);

    /// <summary>As is when a shell takes it for one word, else in single quotes.</summary>
    private static string Quote(string value) =>
        value.All(c => char.IsAsciiLetterOrDigit(c) || "/._-:+@%,=".Contains(c, StringComparison.Ordinal))
            ? value
            : $"'{value.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
