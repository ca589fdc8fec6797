using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Stack;

/// <summary>The embedded cluster's administrator over HTTPS, with just the requests that the kubelet's stand-in needs.</summary>
internal sealed class AdminClient : IPodSource, IDisposable
{
    private readonly X509Certificate2Collection _roots = [];
    private readonly HttpClient _http;

    public AdminClient(Uri server, string caPem, string token)
    {
        _roots.ImportFromPem(caPem);
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(_roots);
        _http = new HttpClient(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task<string> IssueTokenAsync(string account, string? audience, CancellationToken cancellationToken)
    {
        var spec = new JsonObject { ["expirationSeconds"] = IPodSource.TokenLifetime };
        if (audience is not null)
        {
            spec["audiences"] = new JsonArray(audience);
        }

        var request = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = spec };
        var path = $"api/v1/namespaces/{IPodSource.Namespace}/serviceaccounts/{account}/token";
        using var response = await _http.PostAsJsonAsync(path, request, cancellationToken);
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!;
        return response.IsSuccessStatusCode ? (string)answer["status"]!["token"]! : throw new StackException($"POST {path}: {answer["message"]}");
    }

    public async IAsyncEnumerable<string> FollowOperatorCaAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const string Watch = $"api/v1/namespaces/{IPodSource.Namespace}/configmaps?watch=true&fieldSelector=metadata.name%3D{IPodSource.OperatorCa}";
        using var response = await _http.GetAsync(Watch, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (JsonNode.Parse(line)!["object"]?["data"]?["ca.crt"] is { } certificate)
            {
                yield return (string)certificate!;
            }
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        foreach (var root in _roots)
        {
            root.Dispose();
        }
    }
}
