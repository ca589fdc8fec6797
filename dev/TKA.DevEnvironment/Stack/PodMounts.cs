using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Stack;

/// <summary>What the kubelet mounts into TKA's Pods, as files: projected ServiceAccount tokens, renewed, and the operator's CA, followed.</summary>
internal sealed class PodMounts : IAsyncDisposable
{
    private const string SystemNamespace = "tka-system";
    private const int TokenLifetimeSeconds = 3600;

    // The kubelet renews at 80 % of a token's life at the latest.
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(TokenLifetimeSeconds * 0.6);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly AdminClient _admin;
    private readonly (string Account, string? Audience, string Path)[] _tokens;
    private readonly Task _work;

    private PodMounts(AdminClient admin, StackFiles files, (string, string?, string)[] tokens)
    {
        (_admin, _tokens) = (admin, tokens);
        _work = Task.WhenAll(Task.Run(RenewAsync), Task.Run(() => FollowCaAsync(files.Api.OperatorCa)));
    }

    /// <summary>Writes kubeconfigs and tokens, and keeps the files fresh until disposed.</summary>
    public static async Task<PodMounts> CreateAsync(
        AdminClient admin, StackFiles files, Uri server, string caPem, CancellationToken cancellationToken)
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
        return new PodMounts(admin, files, tokens);
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

    private async Task RenewAsync()
    {
        while (true)
        {
            await Task.Delay(Renewal, TimeProvider.System, _stop.Token);
            await Task.WhenAll(_tokens.Select(token => IssueAsync(_admin, token, _stop.Token)));
        }
    }

    private async Task FollowCaAsync(string path)
    {
        const string Watch = $"api/v1/namespaces/{SystemNamespace}/configmaps?watch=true&fieldSelector=metadata.name%3Dtka-operator-ca";
        while (true)
        {
            try
            {
                await foreach (var change in _admin.WatchAsync(Watch, _stop.Token))
                {
                    if (change["object"]?["data"]?["ca.crt"] is { } certificate)
                    {
                        PrivateFile.Write(path, (string)certificate!);
                    }
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
            {
                await Task.Delay(Retry, TimeProvider.System, _stop.Token);
            }
        }
    }
}
