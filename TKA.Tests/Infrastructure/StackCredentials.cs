using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using TKA.Contracts.Operator;

namespace TKA.Tests.Infrastructure;

/// <summary>What a Pod of each component would have mounted, as files: kubeconfigs, the API's token for the operator, the operator's CA.</summary>
internal sealed partial class StackCredentials(string directory)
{
    /// <summary>PEM bundle that the API checks the operator's certificate against; filled when the operator has made it.</summary>
    public string CaFile { get; } = Path.Combine(directory, "operator-ca.crt");

    /// <summary>The API's token for the operator's token service.</summary>
    public string TokenFile { get; } = Path.Combine(directory, "api-token");

    public string ApiKubeconfig { get; } = Path.Combine(directory, "api.kubeconfig");

    public string OperatorKubeconfig { get; private set; } = "";

    /// <summary>Writes the files; the API reaches the cluster through <paramref name="apiServer"/>.</summary>
    public async Task WriteAsync(InstalledTka installed, Uri apiServer, CancellationToken cancellationToken)
    {
        OperatorKubeconfig = await installed.KubeconfigForAsync("tka-operator", cancellationToken);
        await WriteForApiAsync(installed, apiServer, cancellationToken);
        await File.WriteAllTextAsync(CaFile, "", cancellationToken);
    }

    /// <summary>Writes what the API shows to the cluster and to the operator, as when its Secrets are renewed.</summary>
    public async Task WriteForApiAsync(InstalledTka installed, Uri apiServer, CancellationToken cancellationToken)
    {
        var cluster = installed.Cluster;
        var kubeconfig = await installed.KubeconfigForAsync("tka-api", cancellationToken);
        var text = await File.ReadAllTextAsync(kubeconfig, cancellationToken);
        await File.WriteAllTextAsync(
            ApiKubeconfig,
            text.Replace(cluster.Configuration.Host.TrimEnd('/'), apiServer.ToString().TrimEnd('/'), StringComparison.Ordinal),
            cancellationToken);
        var token = await cluster.Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = [OperatorRoutes.Audience], ExpirationSeconds = 7 * 24 * 3600 } },
            "tka-api",
            installed.SystemNamespace,
            cancellationToken: cancellationToken);
        await File.WriteAllTextAsync(TokenFile, token.Status.Token, cancellationToken);
    }

    /// <summary>Writes what the operator shows to the cluster anew, as when its Secret is renewed. Its way to the cluster stays.</summary>
    public async Task RenewForOperatorAsync(InstalledTka installed, CancellationToken cancellationToken)
    {
        var server = ServerLine().Match(await File.ReadAllTextAsync(OperatorKubeconfig, cancellationToken)).Value;
        var text = await File.ReadAllTextAsync(await installed.KubeconfigForAsync("tka-operator", cancellationToken), cancellationToken);
        await File.WriteAllTextAsync(OperatorKubeconfig, ServerLine().Replace(text, server), cancellationToken);
    }

    [GeneratedRegex("server: .*")]
    private static partial Regex ServerLine();
}
