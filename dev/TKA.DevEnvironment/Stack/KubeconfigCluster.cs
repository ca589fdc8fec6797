using System.Text;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Stack;

/// <summary>
/// The cluster of the user's current context. TKA's manifests are applied there and the components run here, each with tokens of
/// its own ServiceAccount, renewed as the kubelet would.
/// </summary>
internal sealed class KubeconfigCluster : IStackCluster
{
    private const string SystemNamespace = "tka-system";
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly string _adminKubeconfig;
    private Task _renewing = Task.CompletedTask;

    private KubeconfigCluster(Uri url, string caPem, string context, string adminKubeconfig) =>
        (Url, CaPem, Context, _adminKubeconfig) = (url, caPem, context, adminKubeconfig);

    public Uri Url { get; }

    public string CaPem { get; }

    private string Context { get; }

    /// <summary>Reads the current context.</summary>
    /// <exception cref="StackException">There is none, or no kubectl.</exception>
    public static async Task<KubeconfigCluster> OpenAsync(CancellationToken cancellationToken)
    {
        var text = await Kubectl.RunAsync(["config", "view", "--minify", "--raw", "--flatten", "-o", "json"], null, cancellationToken);
        var config = JsonNode.Parse(text)!;
        if (config["clusters"]?[0]?["cluster"] is not { } cluster || cluster["server"]?.GetValue<string>() is not { } server)
        {
            throw new StackException("KUBECONFIG has no current context with a cluster. Choose one with kubectl config use-context.");
        }

        var ca = cluster["certificate-authority-data"]?.GetValue<string>() is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : "";
        return new KubeconfigCluster(new Uri(server), ca, config["current-context"]?.GetValue<string>() ?? "", text);
    }

    /// <summary>Name and server of the current context, for asking the user.</summary>
    /// <exception cref="StackException">There is none, or no kubectl.</exception>
    public static async Task<(string Context, Uri Server)> DescribeAsync(CancellationToken cancellationToken)
    {
        await using var cluster = await OpenAsync(cancellationToken);
        return (cluster.Context, cluster.Url);
    }

    public Task InstallAsync(CancellationToken cancellationToken)
    {
        var manifests = string.Join("\n---\n", DeployManifests.ReadAll().Select(manifest => manifest.Value));
        return Kubectl.RunAsync(["apply", "--context", Context, "-f", "-"], manifests, cancellationToken);
    }

    public async Task MountAsync(StackFiles files, CancellationToken cancellationToken)
    {
        PrivateFile.Write(files.AdminKubeconfig, _adminKubeconfig);
        foreach (var (pod, account) in new[] { (files.Api, "tka-api"), (files.Operator, "tka-operator") })
        {
            PrivateFile.Write(pod.Kubeconfig, ComponentKubeconfig.Write(Url, CaPem, account, pod.Token));
        }

        await RenewAsync(files, cancellationToken);
        _renewing = Task.WhenAll(KeepRenewingAsync(files), FollowOperatorCaAsync(files.Api.OperatorCa));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task KeepRenewingAsync(StackFiles files)
    {
        while (true)
        {
            await Task.Delay(Renewal, TimeProvider.System, _stop.Token);
            await RenewAsync(files, _stop.Token);
        }
    }

    private async Task RenewAsync(StackFiles files, CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            IssueAsync("tka-api", files.Api.Token, null, cancellationToken),
            IssueAsync("tka-api", files.Api.OperatorToken, "tka-operator", cancellationToken),
            IssueAsync("tka-operator", files.Operator.Token, null, cancellationToken));
    }

    private async Task IssueAsync(string account, string path, string? audience, CancellationToken cancellationToken)
    {
        string[] command =
        [
            "create", "token", account, "--context", Context, "--namespace", SystemNamespace, $"--duration={TokenLifetime.TotalSeconds}s",
            .. audience is null ? Array.Empty<string>() : [$"--audience={audience}"],
        ];
        PrivateFile.Write(path, (await Kubectl.RunAsync(command, null, cancellationToken)).Trim());
    }

    /// <summary>A watch, so that the API trusts the operator the moment its CA is published.</summary>
    private async Task FollowOperatorCaAsync(string path)
    {
        using var watch = Kubectl.Start(
            ["get", "configmap", "tka-operator-ca", "--context", Context, "--namespace", SystemNamespace, "--watch", "-o", @"jsonpath={.data.ca\.crt}{""\n""}"]);
        await using var stop = _stop.Token.Register(() => watch.Kill(entireProcessTree: true));
        var certificate = new StringBuilder();
        while (await watch.StandardOutput.ReadLineAsync(_stop.Token) is { } line)
        {
            certificate.AppendLine(line);
            if (!line.Contains("-----END CERTIFICATE-----", StringComparison.Ordinal))
            {
                continue;
            }

            PrivateFile.Write(path, certificate.ToString());
            certificate.Clear();
        }
    }
}
