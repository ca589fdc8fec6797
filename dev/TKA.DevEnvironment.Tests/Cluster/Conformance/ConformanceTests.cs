using System.Security.Cryptography;
using System.Text.Json.Nodes;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

/// <summary>
/// Base of the conformance cases. They talk plain Kubernetes, run against the embedded cluster, and unchanged against the cluster
/// that <c>TKA_TEST_KUBECONFIG</c> names.
/// </summary>
public abstract class ConformanceTests(ConformanceFixture fixture) : IClassFixture<ConformanceFixture>
{

    protected ConformanceFixture Fixture { get; } = fixture;

    protected string ConfigMaps => $"/api/v1/namespaces/{Fixture.Namespace}/configmaps";

    protected string Secrets => $"/api/v1/namespaces/{Fixture.Namespace}/secrets";

    protected string Pods => $"/api/v1/namespaces/{Fixture.Namespace}/pods";

    protected string Deployments => $"/apis/apps/v1/namespaces/{Fixture.Namespace}/deployments";

    protected static string Unique(string prefix) => $"{prefix}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    protected static string ConfigMap(string name, string more = "") =>
        $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"}{{(more.Length > 0 ? "," + more : "")}}}""";

    protected Task<Answer> GetAsync(string path, string accept = "application/json") => Fixture.SendAsync(HttpMethod.Get, path, accept: accept);

    protected Task<Answer> PostAsync(string path, string body, string contentType = "application/json") =>
        Fixture.SendAsync(HttpMethod.Post, path, body, contentType);

    protected Task<Answer> PutAsync(string path, JsonNode body) => Fixture.SendAsync(HttpMethod.Put, path, body.ToJsonString());

    protected Task<Answer> PatchAsync(string path, string body, string type = "merge") => Fixture.SendAsync(
        HttpMethod.Patch,
        path,
        body,
        type switch
        {
            "merge" => "application/merge-patch+json",
            "json" => "application/json-patch+json",
            "strategic" => "application/strategic-merge-patch+json",
            "apply" => "application/apply-patch+yaml",
            _ => type,
        });

    protected Task<Answer> DeleteAsync(string path, string? body = null) => Fixture.SendAsync(HttpMethod.Delete, path, body);

    protected async Task<Answer> CreateConfigMapAsync(string prefix, string more = "") =>
        (await PostAsync(ConfigMaps, ConfigMap(Unique(prefix), more))).Succeeded(201);

    /// <summary>Has a Pod stored that no node runs: as a sample in the embedded cluster, by creating it in a real one.</summary>
    protected async Task StorePodAsync(string name, string serviceAccount = "default")
    {
        var pod = Workloads.Pod(name, serviceAccount, Fixture.Namespace);
        if (Fixture.Cluster.IsEmbedded)
        {
            await Fixture.Cluster.Embedded.SeedAsync(pod, TestContext.Current.CancellationToken);
        }
        else
        {
            (await PostAsync(Pods, pod)).Succeeded(201);
        }
    }

    /// <summary>Waits for something that a controller does.</summary>
    protected static Task EventuallyAsync(Func<Task<bool>> condition, string what) => Eventually.TrueAsync(condition, what);

    protected Task EventuallyGoneAsync(string path) =>
        EventuallyAsync(async () => (await GetAsync(path)).Code == 404, $"{path} is gone");
}
