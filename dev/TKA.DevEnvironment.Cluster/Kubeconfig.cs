using System.Text;

namespace TKA.DevEnvironment.Cluster;

/// <summary>Writes kubeconfig files.</summary>
internal static class Kubeconfig
{
    /// <summary>A kubeconfig with one context, with CA and token inline.</summary>
    public static string Write(Uri server, string caPem, string user, string token) =>
        $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: tka-embedded
          cluster:
            server: {server.GetLeftPart(UriPartial.Authority)}
            certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(caPem))}
        users:
        - name: {user}
          user:
            token: {token}
        contexts:
        - name: {user}@tka-embedded
          context:
            cluster: tka-embedded
            user: {user}
        current-context: {user}@tka-embedded

        """;
}
