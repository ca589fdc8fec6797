using System.Runtime.CompilerServices;
using System.Text;

namespace TKA.DevEnvironment.Stack;

/// <summary>
/// The cluster of the user's current context. TKA's manifests are applied there and the components run here, each with tokens of
/// its own ServiceAccount, renewed as the kubelet would.
/// </summary>
internal sealed class KubeconfigCluster : IStackCluster, IPodSource
{
    private readonly Kubectl _kubectl;
    private readonly HostContext _context;
    private readonly Upkeep _upkeep;
    private PodMounts? _mounts;

    private KubeconfigCluster(Kubectl kubectl, HostContext context, Upkeep upkeep) => (_kubectl, _context, _upkeep) = (kubectl, context, upkeep);

    public Uri Url => _context.Server;

    public string CaPem => _context.CaPem;

    private string[] Target => ["--context", _context.Name, "--namespace", IPodSource.Namespace];

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
        _mounts = await PodMounts.CreateAsync(this, files, Url, CaPem, _upkeep, cancellationToken);
    }

    public async Task<string> IssueTokenAsync(string account, string? audience, CancellationToken cancellationToken)
    {
        string[] command =
        [
            "create", "token", account, .. Target, $"--duration={IPodSource.TokenLifetime}s",
            .. audience is null ? Array.Empty<string>() : [$"--audience={audience}"],
        ];
        return (await _kubectl.RunAsync(command, null, cancellationToken)).Trim();
    }

    /// <summary>A watch, so that the API trusts the operator the moment its CA is published.</summary>
    public async IAsyncEnumerable<string> FollowOperatorCaAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watch = _kubectl.Start(
            ["get", "configmaps", "--field-selector", $"metadata.name={IPodSource.OperatorCa}", .. Target, "--watch", "-o", @"jsonpath={.data.ca\.crt}{""\n""}"]);
        await using var stop = cancellationToken.Register(() => watch.Kill(entireProcessTree: true));
        var errors = watch.StandardError.ReadToEndAsync(cancellationToken);
        var certificate = new StringBuilder();
        while (await watch.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            certificate.AppendLine(line);
            if (line.Contains("-----END CERTIFICATE-----", StringComparison.Ordinal))
            {
                yield return certificate.ToString();
                certificate.Clear();
            }
        }

        await watch.WaitForExitAsync(cancellationToken);
        if (watch.ExitCode != 0)
        {
            throw new StackException((await errors).Trim().ReplaceLineEndings(" "));
        }
    }

    public ValueTask DisposeAsync() => _mounts?.DisposeAsync() ?? ValueTask.CompletedTask;
}
