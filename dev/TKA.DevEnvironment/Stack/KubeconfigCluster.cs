using System.Text;

namespace TKA.DevEnvironment.Stack;

/// <summary>
/// The cluster of the user's current context. TKA's manifests are applied there and the components run here, each with tokens of
/// its own ServiceAccount, renewed as the kubelet would.
/// </summary>
internal sealed class KubeconfigCluster : IStackCluster
{
    private const string SystemNamespace = "tka-system";
    private const int TokenLifetimeSeconds = 3600;

    /// <summary>Time between two renewals of the tokens.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromMinutes(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly Kubectl _kubectl;
    private readonly HostContext _context;
    private readonly Upkeep _upkeep;
    private Task _work = Task.CompletedTask;

    private KubeconfigCluster(Kubectl kubectl, HostContext context, Upkeep upkeep) => (_kubectl, _context, _upkeep) = (kubectl, context, upkeep);

    public Uri Url => _context.Server;

    public string CaPem => _context.CaPem;

    /// <summary>Reads the current context.</summary>
    /// <exception cref="StackException">There is none, or no kubectl.</exception>
    public static async Task<KubeconfigCluster> OpenAsync(Kubectl kubectl, Upkeep upkeep, CancellationToken cancellationToken) =>
        new(kubectl, await HostContext.ReadAsync(kubectl, cancellationToken), upkeep);

    public Task InstallAsync(CancellationToken cancellationToken)
    {
        var manifests = string.Join("\n---\n", DeployManifests.ReadAll().Select(manifest => manifest.Value));
        return _kubectl.RunAsync(["apply", "--context", _context.Name, "-f", "-"], manifests, cancellationToken);
    }

    public async Task MountAsync(StackFiles files, CancellationToken cancellationToken)
    {
        PrivateFile.Write(files.AdminKubeconfig, _context.Kubeconfig);
        foreach (var (pod, account) in new[] { (files.Api, "tka-api"), (files.Operator, "tka-operator") })
        {
            PrivateFile.Write(pod.Kubeconfig, ComponentKubeconfig.Write(Url, CaPem, account, pod.Token));
        }

        await RenewAsync(files, cancellationToken);
        _work = Task.WhenAll(
            _upkeep.RepeatAsync("renewal of the components' tokens", Renewal, cancellation => RenewAsync(files, cancellation), _stop.Token),
            _upkeep.FollowAsync("watch of the operator's CA", cancellation => FollowOperatorCaAsync(files.Api.OperatorCa, cancellation), _stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
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
            "create", "token", account, "--context", _context.Name, "--namespace", SystemNamespace, $"--duration={TokenLifetimeSeconds}s",
            .. audience is null ? Array.Empty<string>() : [$"--audience={audience}"],
        ];
        PrivateFile.Write(path, (await _kubectl.RunAsync(command, null, cancellationToken)).Trim());
    }

    /// <summary>A watch, so that the API trusts the operator the moment its CA is published.</summary>
    private async Task FollowOperatorCaAsync(string path, CancellationToken cancellationToken)
    {
        using var watch = _kubectl.Start(
            ["get", "configmaps", "--field-selector", "metadata.name=tka-operator-ca", "--context", _context.Name, "--namespace", SystemNamespace, "--watch", "-o", @"jsonpath={.data.ca\.crt}{""\n""}"]);
        await using var stop = cancellationToken.Register(() => watch.Kill(entireProcessTree: true));
        var errors = watch.StandardError.ReadToEndAsync(cancellationToken);
        var certificate = new StringBuilder();
        while (await watch.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            certificate.AppendLine(line);
            if (!line.Contains("-----END CERTIFICATE-----", StringComparison.Ordinal))
            {
                continue;
            }

            PrivateFile.Write(path, certificate.ToString());
            certificate.Clear();
        }

        await watch.WaitForExitAsync(cancellationToken);
        if (watch.ExitCode != 0)
        {
            throw new StackException((await errors).Trim().ReplaceLineEndings(" "));
        }
    }
}
