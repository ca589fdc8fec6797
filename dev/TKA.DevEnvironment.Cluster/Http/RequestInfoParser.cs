using TKA.DevEnvironment.Cluster.Selection;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Reads request attributes from method, path and query, as "Kubernetes API concepts" lays out resource URIs.</summary>
internal static class RequestInfoParser
{
    /// <summary>Never throws for a path that makes no sense: it becomes a non-resource request.</summary>
    public static RequestInfo Parse(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var method = request.Method.ToLowerInvariant();
        var other = new RequestInfo { Verb = method, Path = path };
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, rest) = parts switch
        {
            ["api", _, _, ..] => ("", parts[1..]),
            ["apis", var g, _, _, ..] => (g, parts[2..]),
            _ => ("", []),
        };
        if (rest.Length == 0)
        {
            return other;
        }

        var version = rest[0];
        rest = rest[1..];
        var @namespace = "";
        if (rest is ["namespaces", var n, ..])
        {
            @namespace = n;
            if (rest.Length > 2 && rest[2] is not ("status" or "finalize"))
            {
                rest = rest[2..];
            }
        }

        if (rest.Length > 3)
        {
            return other;
        }

        var info = new RequestInfo
        {
            IsResourceRequest = true,
            Verb = method,
            Path = path,
            ApiGroup = group,
            ApiVersion = version,
            Resource = rest[0],
            Namespace = @namespace,
            Name = rest.Length > 1 ? rest[1] : "",
            Subresource = rest.Length > 2 ? rest[2] : "",
        };
        return WithVerb(info, request);
    }

    private static RequestInfo WithVerb(RequestInfo info, HttpRequest request)
    {
        var collection = info.Name.Length == 0;
        var verb = request.Method switch
        {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => collection ? "deletecollection" : "delete",
            "GET" or "HEAD" when !collection => "get",
            "GET" or "HEAD" => QueryValues.Flag(request.Query, "watch") == true ? "watch" : "list",
            _ => info.Verb,
        };

        var name = info.Name;
        if (collection && verb is "list" or "watch" or "deletecollection")
        {
            // RBAC rules with resourceNames apply to a collection request that asks for one name.
            name = SingleName(request.Query["fieldSelector"].ToString()) ?? name;
        }

        return info with { Verb = verb, Name = name, IsCollection = collection };
    }

    private static string? SingleName(string selector)
    {
        try
        {
            return selector.Length == 0 ? null : FieldSelector.Parse(selector).SingleName;
        }
        catch (StatusException)
        {
            return null;
        }
    }
}
