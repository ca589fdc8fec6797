using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using k8s;

namespace TKA.Benchmarks.Api;

/// <summary>
/// The five requests of a login, by a bare HttpClient with the tokens of TKA's own ServiceAccounts, to a cluster like TKA's
/// that nobody watches: the same authentication, RBAC, admission and validation, and nothing of TKA. HTTP/1.1, the cheaper one.
/// </summary>
internal sealed class Floor : IDisposable
{
    private const string Namespace = "tka-sessions";

    private readonly InstalledCluster _installed;
    private readonly HttpClient _http;
    private readonly string _api;
    private readonly string _operator;

    /// <summary>Each TkaSignin as the cluster last answered it, by name: TKA has it in its cache.</summary>
    private readonly ConcurrentDictionary<string, string> _signins = [];

    private Floor(InstalledCluster installed, string api, string @operator)
    {
        (_installed, _api, _operator) = (installed, api, @operator);
        var ca = X509Certificate2.CreateFromPem(installed.CaPem);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(ca);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build((X509Certificate2)certificate!);
        };
        _http = new HttpClient(handler) { BaseAddress = installed.Uri };
    }

    public static async Task<Floor> StartAsync()
    {
        var installed = await InstalledCluster.StartAsync(InstalledCluster.FloorKubeconfig);
        return new Floor(installed, await installed.TokenAsync("tka-api", []), await installed.TokenAsync("tka-operator", []));
    }

    /// <summary>Create TkaSignin, create ServiceAccount, create binding, patch status, create token.</summary>
    public async Task LoginAsync(string name)
    {
        await SendAsync(_api, HttpMethod.Post, $"/apis/tka.specht-labs.de/v1alpha1/namespaces/{Namespace}/tkasignins", $$$$"""
            {"apiVersion":"tka.specht-labs.de/v1alpha1","kind":"TkaSignin","metadata":{"name":"{{{{name}}}}","labels":{"app.kubernetes.io/managed-by":"tka","benchmark":"floor"},"annotations":{"tka.specht-labs.de/last-attempted-sign-in":"2026-11-23T08:00:00Z","tka.specht-labs.de/sign-in-valid-until":"2026-11-23T16:00:00Z"}},"spec":{"username":"{{{{name}}}}@example.com","role":"view","validity_period":"8h0m0s","node":{"name":"laptop","stableID":"n0000002CNTRL"}}}
            """);
        await SendAsync(_operator, HttpMethod.Post, $"/api/v1/namespaces/{Namespace}/serviceaccounts", $$$$"""
            {"apiVersion":"v1","kind":"ServiceAccount","automountServiceAccountToken":false,"metadata":{"name":"{{{{name}}}}","labels":{"app.kubernetes.io/managed-by":"tka","benchmark":"floor"}}}
            """);
        await SendAsync(_operator, HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", $$$$"""
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"{{{{name}}}}","labels":{"app.kubernetes.io/managed-by":"tka","benchmark":"floor"}},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[{"kind":"ServiceAccount","name":"{{{{name}}}}","namespace":"{{{{Namespace}}}}"}]}
            """);
        _signins[name] = await SendAsync(_operator, HttpMethod.Patch, $"/apis/tka.specht-labs.de/v1alpha1/namespaces/{Namespace}/tkasignins/{name}/status", $$$$"""
            {"status":{"provisioned":true,"signed_in":"2026-11-23T08:00:00Z","valid_until":"2026-11-23T16:00:00Z","observedGeneration":1,"serviceAccount":{"name":"{{{{name}}}}","namespace":"{{{{Namespace}}}}","uid":"x"},"conditions":[{"type":"Ready","status":"True","reason":"Provisioned","message":"","lastTransitionTime":"2026-11-23T08:00:00Z"}]}}
            """, "application/merge-patch+json");
        await TokenAsync(name);
    }

    /// <summary>What a renewal costs the cluster: update the TkaSignin as it was last seen, patch its status, create a token.</summary>
    public async Task RenewAsync(string name)
    {
        var path = $"/apis/tka.specht-labs.de/v1alpha1/namespaces/{Namespace}/tkasignins/{name}";
        var signin = JsonNode.Parse(_signins[name])!;
        signin["metadata"]!["annotations"]!["tka.specht-labs.de/last-attempted-sign-in"] = "2026-11-23T08:30:00Z";
        await SendAsync(_api, HttpMethod.Put, path, signin.ToJsonString());
        _signins[name] = await SendAsync(_operator, HttpMethod.Patch, $"{path}/status", """
            {"status":{"signed_in":"2026-11-23T08:30:00Z","valid_until":"2026-11-23T16:30:00Z"}}
            """, "application/merge-patch+json");
        await TokenAsync(name);
    }

    /// <summary>The last of the five: a token for a ServiceAccount that is there.</summary>
    public Task TokenAsync(string name) => SendAsync(_operator, HttpMethod.Post, $"/api/v1/namespaces/{Namespace}/serviceaccounts/{name}/token", """
        {"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":28800}}
        """);

    /// <summary>One small request, for scale.</summary>
    public Task GetAsync() => SendAsync(_operator, HttpMethod.Get, $"/api/v1/namespaces/{Namespace}", null);

    /// <summary>Removes what it made, so that both sides work on a cluster of the same size.</summary>
    public async Task CleanUpAsync()
    {
        const string Ours = "app.kubernetes.io/managed-by=tka,benchmark=floor";
        var admin = _installed.Admin;
        await admin.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync("tka.specht-labs.de", "v1alpha1", Namespace, "tkasignins", labelSelector: Ours);
        await admin.CoreV1.DeleteCollectionNamespacedServiceAccountAsync(Namespace, labelSelector: Ours);
        await admin.RbacAuthorizationV1.DeleteCollectionClusterRoleBindingAsync(labelSelector: Ours);
    }

    public void Dispose()
    {
        _http.Dispose();
        _installed.Dispose();
    }

    private async Task<string> SendAsync(string token, HttpMethod method, string path, string? body, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, mediaType);
        }

        using var response = await _http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {answer}");
        }

        return answer;
    }
}
