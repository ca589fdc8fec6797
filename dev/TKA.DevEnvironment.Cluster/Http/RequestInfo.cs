namespace TKA.DevEnvironment.Cluster.Http;
/// <summary>What a request asks for, in the terms that authorization uses (Kubernetes "Request attributes").</summary>
internal sealed record RequestInfo
{
    /// <summary>A request of the server itself for one object.</summary>
    public static RequestInfo ForObject(ResourceDefinition definition, string verb, string @namespace, string name, string subresource = "") => new()
    {
        IsResourceRequest = true,
        Verb = verb,
        ApiGroup = definition.Group,
        ApiVersion = definition.Version,
        Resource = definition.Resource,
        Subresource = subresource,
        Namespace = @namespace,
        Name = name,
    };

    /// <summary>False for paths such as <c>/version</c> or <c>/openapi/v3</c>.</summary>
    public bool IsResourceRequest { get; init; }

    /// <summary><c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>, <c>deletecollection</c>; for other paths the lower-cased HTTP method.</summary>
    public required string Verb { get; init; }

    /// <summary>Request path.</summary>
    public string Path { get; init; } = "";

    /// <summary>Empty for the core group.</summary>
    public string ApiGroup { get; init; } = "";

    /// <summary>For example <c>v1</c>.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>Plural resource.</summary>
    public string Resource { get; init; } = "";

    /// <summary>For example <c>status</c>, or empty.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>Empty when cluster-scoped or across all namespaces.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Whether the path names a collection of objects.</summary>
    public bool IsCollection { get; init; }

    /// <summary>Empty for collections, unless a field selector asks for one name: then rules for that name apply.</summary>
    public string Name { get; init; } = "";
}
