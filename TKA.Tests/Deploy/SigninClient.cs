using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using TKA.Contracts.Sessions;

namespace TKA.Tests.Deploy;

/// <summary>TkaSignins of one namespace as plain JSON, so that a test can say anything, also what no product code would.</summary>
internal sealed class SigninClient(k8s.Kubernetes client, string @namespace)
{
    private const string Group = TkaSigninResource.Group;
    private const string Version = TkaSigninResource.Version;
    private const string Plural = TkaSigninResource.Plural;

    public async Task<JsonObject> CreateAsync(JsonObject signin, CancellationToken cancellationToken) =>
        Read(await client.CustomObjects.CreateNamespacedCustomObjectAsync<object>(
            signin, Group, Version, @namespace, Plural, cancellationToken: cancellationToken));

    /// <summary>Creates nothing, and answers as if it had.</summary>
    public async Task<JsonObject> TryCreateAsync(JsonObject signin, CancellationToken cancellationToken) =>
        Read(await client.CustomObjects.CreateNamespacedCustomObjectAsync<object>(
            signin, Group, Version, @namespace, Plural, dryRun: "All", cancellationToken: cancellationToken));

    public async Task<JsonObject> ReplaceAsync(string name, JsonObject signin, CancellationToken cancellationToken) =>
        Read(await client.CustomObjects.ReplaceNamespacedCustomObjectAsync<object>(
            signin, Group, Version, @namespace, Plural, name, cancellationToken: cancellationToken));

    public async Task<JsonObject> PatchAsync(string name, string patch, CancellationToken cancellationToken) =>
        Read(await client.CustomObjects.PatchNamespacedCustomObjectAsync<object>(
            new V1Patch(patch, V1Patch.PatchType.MergePatch), Group, Version, @namespace, Plural, name, cancellationToken: cancellationToken));

    private static JsonObject Read(object answer) => JsonNode.Parse(KubernetesJson.Serialize(answer))!.AsObject();
}
