namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Which resource a request is about.</summary>
internal static class ResourceScope
{
    /// <summary>The resource; the request names a subresource only if it is served, and a namespace only where there is one.</summary>
    /// <exception cref="StatusException">404 or 405; 501 for a subresource that a real cluster serves.</exception>
    public static ResourceDefinition Require(ResourceRegistry registry, RequestInfo info)
    {
        var definition = registry.Find(info.ApiGroup, info.ApiVersion, info.Resource);
        if (definition is null || (info.Subresource.Length > 0 && !definition.Serves(info.Subresource)))
        {
            throw IsNotImplemented(info, definition) ? Statuses.NotImplemented($"{info.Resource}/{info.Subresource}") : Statuses.NoSuchResource();
        }

        CheckNamespace(definition, info);
        return definition;
    }

    /// <summary>Subresources that a real cluster serves. They answer 501 here, because 404 would make the user look for a typing error.</summary>
    private static bool IsNotImplemented(RequestInfo info, ResourceDefinition? definition) => (info.Subresource == "scale" && definition is not null) || info is
    {
        ApiGroup: "", ApiVersion: "v1", Resource: "pods",
        Subresource: "log" or "exec" or "attach" or "portforward" or "proxy" or "eviction" or "binding" or "ephemeralcontainers" or "resize",
    }
    or { ApiGroup: "", ApiVersion: "v1", Resource: "services" or "nodes", Subresource: "proxy" };

    private static void CheckNamespace(ResourceDefinition definition, RequestInfo info)
    {
        var namespaced = info.Namespace.Length > 0 && definition is not { Group: "", Resource: "namespaces" };
        if (namespaced && !definition.Namespaced)
        {
            throw Statuses.NoSuchResource();
        }

        // Only reads may span all namespaces.
        if (definition.Namespaced && !namespaced && info.Verb is not ("list" or "watch"))
        {
            throw info.Verb == "get" ? Statuses.NoSuchResource() : Statuses.MethodNotAllowed();
        }
    }
}
