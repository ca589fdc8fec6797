using System.Text;

namespace TKA.DevEnvironment.Stack;

/// <summary>A kubeconfig for a component: its token is a file, read again as it changes, like in a Pod.</summary>
internal static class ComponentKubeconfig
{
    /// <param name="server">The Kubernetes API.</param>
    /// <param name="caPem">Its CA; empty when the system's roots vouch for it.</param>
    /// <param name="account">Name of the ServiceAccount, for readers.</param>
    /// <param name="tokenFile">Path of the token.</param>
    public static string Write(Uri server, string caPem, string account, string tokenFile)
    {
        var ca = caPem.Length == 0 ? "" : $", certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(caPem))}";
        return $$"""
            apiVersion: v1
            kind: Config
            clusters:
              - {name: cluster, cluster: {server: "{{server.GetLeftPart(UriPartial.Authority)}}"{{ca}}} }
            users:
              - {name: {{account}}, user: {tokenFile: "{{tokenFile.Replace(@"\", @"\\", StringComparison.Ordinal)}}"} }
            contexts:
              - {name: {{account}}, context: {cluster: cluster, user: {{account}}} }
            current-context: {{account}}

            """;
    }
}
