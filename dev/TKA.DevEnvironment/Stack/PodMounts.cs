namespace TKA.DevEnvironment.Stack;

/// <summary>What the kubelet mounts into TKA's Pods, as files: projected ServiceAccount tokens, renewed, and the operator's CA, followed.</summary>
internal sealed class PodMounts : IAsyncDisposable
{
    // The kubelet renews at 80 % of a token's life at the latest.
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(IPodSource.TokenLifetime * 0.6);

    private readonly CancellationTokenSource _stop = new();
    private readonly IPodSource _source;
    private readonly StackFiles _files;
    private Task _work = Task.CompletedTask;

    private PodMounts(IPodSource source, StackFiles files) => (_source, _files) = (source, files);

    /// <summary>Writes kubeconfigs and tokens, and keeps the files fresh until disposed.</summary>
    public static async Task<PodMounts> CreateAsync(
        IPodSource source, StackFiles files, Uri server, string caPem, Upkeep upkeep, CancellationToken cancellationToken)
    {
        var mounts = new PodMounts(source, files);
        await mounts.RenewAsync(cancellationToken);
        PrivateFile.Write(files.Api.Kubeconfig, ComponentKubeconfig.Write(server, caPem, "tka-api", files.Api.Token));
        PrivateFile.Write(files.Operator.Kubeconfig, ComponentKubeconfig.Write(server, caPem, "tka-operator", files.Operator.Token));
        // What is there from the last cluster is another CA; better none until the operator has published its own.
        File.Delete(files.Api.OperatorCa);
        mounts._work = Task.WhenAll(
            upkeep.RepeatAsync("renewal of the components' tokens", Renewal, mounts.RenewAsync, mounts._stop.Token),
            upkeep.FollowAsync("watch of the operator's CA", mounts.FollowCaAsync, mounts._stop.Token));
        return mounts;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private Task RenewAsync(CancellationToken cancellationToken)
    {
        return Task.WhenAll(
            IssueAsync("tka-api", null, _files.Api.Token),
            IssueAsync("tka-api", "tka-operator", _files.Api.OperatorToken),
            IssueAsync("tka-operator", null, _files.Operator.Token));

        async Task IssueAsync(string account, string? audience, string path) =>
            PrivateFile.Write(path, await _source.IssueTokenAsync(account, audience, cancellationToken));
    }

    private async Task FollowCaAsync(CancellationToken cancellationToken)
    {
        await foreach (var certificate in _source.FollowOperatorCaAsync(cancellationToken))
        {
            PrivateFile.Write(_files.Api.OperatorCa, certificate);
        }
    }
}
