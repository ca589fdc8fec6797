using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;
using TKA.Kubernetes.Serialization;

namespace TKA.Kubernetes.Client;

/// <summary>Typed requests for one kind of object in one namespace (or cluster-wide). Thread-safe.</summary>
/// <typeparam name="T">Type of the objects.</typeparam>
/// <remarks>Every method throws <see cref="KubernetesRequestException"/> when the request fails.</remarks>
public sealed class ResourceClient<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly KubernetesTransport _transport;
    private readonly ResourceType<T> _type;

    /// <summary>Creates a client.</summary>
    /// <param name="transport">Connection to use.</param>
    /// <param name="type">Kind of object.</param>
    /// <param name="ns">Namespace; <see langword="null"/> for cluster-scoped kinds, or to list all namespaces.</param>
    public ResourceClient(KubernetesTransport transport, ResourceType<T> type, string? ns = null)
    {
        _transport = transport;
        _type = type;
        Namespace = ns;
    }

    /// <summary>The namespace this client works in.</summary>
    public string? Namespace { get; }

    /// <summary>Plural resource name.</summary>
    public string Resource => _type.Plural;

    internal KubernetesClientMetrics Metrics => _transport.Metrics;

    private static JsonTypeInfo<T> Json => KubernetesJsonContext.Type<T>();

    /// <summary>The same in another namespace.</summary>
    public ResourceClient<T> InNamespace(string? ns) => ns == Namespace ? this : new ResourceClient<T>(_transport, _type, ns);

    /// <summary>Reads an object.</summary>
    public Task<T> GetAsync(string name, CancellationToken cancellationToken) =>
        _transport.SendAsync(Request(HttpMethod.Get, "get", name), Json, cancellationToken);

    /// <summary>Reads an object; <see langword="null"/> when there is none.</summary>
    public async Task<T?> TryGetAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(name, cancellationToken);
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.NotFound)
        {
            return null;
        }
    }

    /// <summary>Lists objects: the latest state, in one request unless the server insists on pages.</summary>
    /// <param name="labelSelector">Restricts by labels.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public async Task<ResourceList<T>> ListAsync(string? labelSelector, CancellationToken cancellationToken)
    {
        var query = labelSelector is null ? "" : $"labelSelector={Uri.EscapeDataString(labelSelector)}";
        var listType = KubernetesJsonContext.Type<ResourceList<T>>();
        var list = await _transport.SendAsync(Request(HttpMethod.Get, "list", null, query: query), listType, cancellationToken);
        while (list.Metadata.ContinueProperty is { Length: > 0 } token)
        {
            var page = await _transport.SendAsync(
                Request(HttpMethod.Get, "list", null, query: $"{query}&continue={Uri.EscapeDataString(token)}"), listType, cancellationToken);
            list.Items.AddRange(page.Items);
            list.Metadata = page.Metadata;
        }

        return list;
    }

    /// <summary>Creates an object.</summary>
    /// <returns>The object as stored.</returns>
    public Task<T> CreateAsync(T resource, CancellationToken cancellationToken) => CreateAsync(resource, "", cancellationToken);

    /// <summary>Asks whether an object could be created: authorization, admission and validation decide, nothing is stored.</summary>
    /// <returns>The object as it would be stored.</returns>
    public Task<T> DryRunCreateAsync(T resource, CancellationToken cancellationToken) => CreateAsync(resource, "dryRun=All", cancellationToken);

    private Task<T> CreateAsync(T resource, string query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        resource.ApiVersion = _type.ApiVersion;
        resource.Kind = _type.Kind;
        var request = Request(HttpMethod.Post, "create", null, query: query, description: resource.Metadata.Name ?? resource.Metadata.GenerateName) with
        {
            Body = KubernetesRequest.Serialize(resource, Json),
        };
        return _transport.SendAsync(request, Json, cancellationToken);
    }

    /// <summary>Replaces an object (PUT). With <c>metadata.resourceVersion</c> set, unless it was changed meanwhile.</summary>
    public Task<T> ReplaceAsync(T resource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        resource.ApiVersion = _type.ApiVersion;
        resource.Kind = _type.Kind;
        var request = Request(HttpMethod.Put, "update", resource.Metadata.Name) with { Body = KubernetesRequest.Serialize(resource, Json) };
        return _transport.SendAsync(request, Json, cancellationToken);
    }

    /// <summary>Applies a JSON merge patch (RFC 7386). Put <c>metadata.resourceVersion</c> into it to make it conditional.</summary>
    /// <param name="name">Name of the object.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="subresource">For example <c>status</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<T> MergePatchAsync(string name, JsonObject patch, string? subresource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(patch);
        var request = Request(HttpMethod.Patch, "patch", name, subresource) with
        {
            Body = System.Text.Encoding.UTF8.GetBytes(patch.ToJsonString()),
            ContentType = "application/merge-patch+json",
        };
        return _transport.SendAsync(request, Json, cancellationToken);
    }

    /// <summary>Applies a JSON patch (RFC 6902), whose <c>test</c> operations make it conditional.</summary>
    /// <param name="name">Name of the object.</param>
    /// <param name="operations">The operations.</param>
    /// <param name="subresource">For example <c>status</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<T> JsonPatchAsync(string name, JsonArray operations, string? subresource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var request = Request(HttpMethod.Patch, "patch", name, subresource) with
        {
            Body = System.Text.Encoding.UTF8.GetBytes(operations.ToJsonString()),
            ContentType = "application/json-patch+json",
        };
        return _transport.SendAsync(request, Json, cancellationToken);
    }

    /// <summary>Deletes an object. That it is already gone is success.</summary>
    /// <param name="name">Name of the object.</param>
    /// <param name="uid">Delete only the object with this uid; another one gives <see cref="KubernetesError.Conflict"/>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <param name="resourceVersion">Delete only this version of it.</param>
    public async Task<DeleteOutcome> DeleteAsync(string name, string? uid, CancellationToken cancellationToken, string? resourceVersion = null) =>
        (await DeleteObjectAsync(name, uid, cancellationToken, resourceVersion)).Outcome;

    /// <summary>As <see cref="DeleteAsync"/>, and tells what remains.</summary>
    /// <param name="name">Name of the object.</param>
    /// <param name="uid">Delete only the object with this uid.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <param name="resourceVersion">Delete only this version of it.</param>
    /// <returns>How the object was left, and its metadata while it waits for finalizers.</returns>
    public async Task<DeleteResult> DeleteObjectAsync(string name, string? uid, CancellationToken cancellationToken, string? resourceVersion = null)
    {
        var options = new V1DeleteOptions
        {
            ApiVersion = "v1",
            Kind = "DeleteOptions",
            PropagationPolicy = "Background",
            Preconditions = uid is null && resourceVersion is null ? null : new V1Preconditions { Uid = uid, ResourceVersion = resourceVersion },
        };
        var request = Request(HttpMethod.Delete, "delete", name) with
        {
            Body = KubernetesRequest.Serialize(options, KubernetesJsonContext.Type<V1DeleteOptions>()),
        };
        try
        {
            var body = await _transport.SendAsync(request, KubernetesJsonContext.Type<StatusBody>(), cancellationToken);
            return body.Metadata is { DeletionTimestamp: not null, Finalizers.Count: > 0 }
                ? new DeleteResult(DeleteOutcome.Terminating, body.Metadata)
                : new DeleteResult(DeleteOutcome.Deleted, null);
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.NotFound)
        {
            return new DeleteResult(DeleteOutcome.NotFound, null);
        }
    }

    /// <summary>Posts to a subresource, as TokenRequest does.</summary>
    /// <typeparam name="TBody">Type of body and answer; one this assembly knows how to serialize.</typeparam>
    public Task<TBody> CreateSubresourceAsync<TBody>(string name, string subresource, TBody body, CancellationToken cancellationToken)
    {
        var json = KubernetesJsonContext.Type<TBody>();
        var request = Request(HttpMethod.Post, "create", name, subresource) with { Body = KubernetesRequest.Serialize(body, json) };
        return _transport.SendAsync(request, json, cancellationToken);
    }

    /// <summary>
    /// Watches from a resource version on, until the server ends the stream. Bookmarks are asked for and passed on.
    /// </summary>
    /// <param name="resourceVersion">Version the caller already knows.</param>
    /// <param name="labelSelector">Restricts by labels.</param>
    /// <param name="timeout">After which the server ends the stream.</param>
    /// <param name="accepted">Called when the server has accepted the watch, which may be long before the first event.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="KubernetesRequestException">The watch failed; <see cref="KubernetesError.Gone"/> means: list again.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync(
        string resourceVersion,
        string? labelSelector,
        TimeSpan timeout,
        Action accepted,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(resourceVersion)}&timeoutSeconds={(int)timeout.TotalSeconds}");
        if (labelSelector is not null)
        {
            query = $"{query}&labelSelector={Uri.EscapeDataString(labelSelector)}";
        }

        var request = Request(HttpMethod.Get, "watch", null, query: query);
        using var response = await _transport.OpenStreamAsync(request, cancellationToken);
        accepted();
        await foreach (var change in WatchStream.ReadAsync(response, Json, request.Description, cancellationToken))
        {
            yield return change;
        }
    }

    private KubernetesRequest Request(HttpMethod method, string verb, string? name, string? subresource = null, string query = "", string? description = null)
    {
        var path = _type.Path(Namespace, name, subresource);
        var resource = subresource is null ? _type.Plural : $"{_type.Plural}/{subresource}";
        return new KubernetesRequest(
            method,
            query.Length == 0 ? path : $"{path}?{query}",
            verb,
            resource,
            $"{verb} {resource} {new ObjectKey(Namespace, name ?? description ?? "*")}")
        {
            SpanName = subresource is null ? $"{verb} {_type.Kind}" : $"{verb} {_type.Kind}/{subresource}",
            Namespace = Namespace,
        };
    }
}

/// <summary>Outcome of a deletion.</summary>
/// <param name="Outcome">How the object was left.</param>
/// <param name="Remaining">Its metadata while <see cref="DeleteOutcome.Terminating"/>.</param>
public readonly record struct DeleteResult(DeleteOutcome Outcome, V1ObjectMeta? Remaining);

/// <summary>How a deletion left the object.</summary>
public enum DeleteOutcome
{
    /// <summary>It is gone.</summary>
    Deleted,

    /// <summary>It is marked for deletion and waits for its finalizers.</summary>
    Terminating,

    /// <summary>There was none.</summary>
    NotFound,
}
