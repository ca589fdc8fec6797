using System.Net.Http.Headers;
using System.Text;
using k8s;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

/// <summary>Somebody who sends requests with a bearer token, or with no credentials at all.</summary>
public sealed class Caller(ConformanceFixture fixture, string username, string? token)
{
    /// <summary>As the server knows them.</summary>
    public string Username { get; } = username;

    /// <summary>Name of the ServiceAccount.</summary>
    public string Name => Username.Split(':')[^1];

    /// <summary>The bearer token.</summary>
    public string Token => token ?? throw new InvalidOperationException("nobody has no token");

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PutAsync(string path, string body) => SendAsync(HttpMethod.Put, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<Answer> PatchAsync(string path, string body) => SendAsync(HttpMethod.Patch, path, body, "application/merge-patch+json");

    /// <summary>Sends one request with further headers.</summary>
    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string? body = null, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        // A client without the administrator's client certificate, which would win over the token.
        var configuration = fixture.Cluster.Configuration;
        using var client = new k8s.Kubernetes(new KubernetesClientConfiguration
        {
            Host = configuration.Host,
            SslCaCerts = configuration.SslCaCerts,
            SkipTlsVerify = configuration.SkipTlsVerify,
        });
        using var request = new HttpRequestMessage(method, new Uri(new Uri(configuration.Host), path));
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await client.HttpClient.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);
    }
}
