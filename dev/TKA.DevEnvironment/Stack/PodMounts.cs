using System.Text;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Stack;

/// <summary>What the kubelet mounts into TKA's Pods, as files: projected ServiceAccount tokens, renewed, and the operator's CA, followed.</summary>
internal sealed class PodMounts : IAsyncDisposable
{
    private const string SystemNamespace = "tka-system";
    private const int TokenLifetimeSeconds = 3600;

    // The kubelet renews at 80 % of a token's life at the latest.
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(TokenLifetimeSeconds * 0.6);

    private readonly CancellationTokenSource _stop = new();
    private readonly AdminClient _admin;
    private readonly (string Account, string? Audience, string Path)[] _tokens;
    private readonly Task _work;

    private PodMounts(AdminClient admin, StackFiles files, (string, string?, string)[] tokens, Upkeep upkeep)
    {
        (_admin, _tokens) = (admin, tokens);
        _work = Task.WhenAll(
            upkeep.RepeatAsync("renewal of the components' tokens", Renewal, RenewAsync, _stop.Token),
            upkeep.FollowAsync("watch of the operator's CA", cancellation => FollowCaAsync(files.Api.OperatorCa, cancellation), _stop.Token));
    }

    /// <summary>Writes kubeconfigs and tokens, and keeps the files fresh until disposed.</summary>
    public static async Task<PodMounts> CreateAsync(
        AdminClient admin, StackFiles files, Uri server, string caPem, Upkeep upkeep, CancellationToken cancellationToken)
    {
        (string, string?, string)[] tokens =
        [
            ("tka-api", null, files.Api.Token),
            ("tka-api", "tka-operator", files.Api.OperatorToken),
            ("tka-operator", null, files.Operator.Token),
        ];
        await Task.WhenAll(tokens.Select(token => IssueAsync(admin, token, cancellationToken)));
        PrivateFile.Write(files.Api.Kubeconfig, ComponentKubeconfig.Write(server, caPem, "tka-api", files.Api.Token));
        PrivateFile.Write(files.Operator.Kubeconfig, ComponentKubeconfig.Write(server, caPem, "tka-operator", files.Operator.Token));
        // What is there from the last cluster is another CA; better none until the operator has published its own.
        File.Delete(files.Api.OperatorCa);
        return new PodMounts(admin, files, tokens, upkeep);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static async Task IssueAsync(
        AdminClient admin, (string Account, string? Audience, string Path) token, CancellationToken cancellationToken)
    {
        var spec = new JsonObject { ["expirationSeconds"] = TokenLifetimeSeconds };
        if (token.Audience is not null)
        {
            spec["audiences"] = new JsonArray(token.Audience);
        }

        var request = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = spec };
        using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
        var answer = await admin.SendAsync(
            HttpMethod.Post, $"api/v1/namespaces/{SystemNamespace}/serviceaccounts/{token.Account}/token", content, cancellationToken);
        PrivateFile.Write(token.Path, (string)answer["status"]!["token"]!);
    }

    private Task RenewAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_tokens.Select(token => IssueAsync(_admin, token, cancellationToken)));

    private async Task FollowCaAsync(string path, CancellationToken cancellationToken)
    {
        const string Watch = $"api/v1/namespaces/{SystemNamespace}/configmaps?watch=true&fieldSelector=metadata.name%3Dtka-operator-ca";
        await foreach (var change in _admin.WatchAsync(Watch, cancellationToken))
        {
            if (change["object"]?["data"]?["ca.crt"] is { } certificate)
            {
                PrivateFile.Write(path, (string)certificate!);
            }
        }
    }
}
