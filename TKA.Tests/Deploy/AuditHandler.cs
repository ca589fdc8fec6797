using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace TKA.Tests.Deploy;

/// <summary>Writes down what a service asked of the cluster and was not refused, as an audit log would: verb, resource, namespace, name.</summary>
internal sealed class AuditHandler(ConcurrentDictionary<AuditHandler.Use, bool> used) : DelegatingHandler
{
    /// <summary>One use of a right.</summary>
    /// <param name="Verb">RBAC's verb.</param>
    /// <param name="Resource">Like <c>leases.coordination.k8s.io</c> or <c>serviceaccounts/token.</c></param>
    /// <param name="Namespace">Empty: cluster-wide.</param>
    /// <param name="Name">Empty for collections.</param>
    public sealed record Use(string Verb, string Resource, string Namespace, string Name);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode is not (401 or 403) && Read(request) is { } use)
        {
            used[use] = true;
            if (use is { Verb: "create", Resource: "rolebindings.rbac.authorization.k8s.io" or "clusterrolebindings.rbac.authorization.k8s.io" } && request.Content is { } content)
            {
                // The right to bind a role is asked for by the binding that names it.
                var role = (string)JsonNode.Parse(await content.ReadAsStringAsync(cancellationToken))!["roleRef"]!["name"]!;
                used[new Use("bind", "clusterroles.rbac.authorization.k8s.io", "", role)] = true;
            }
        }

        return response;
    }

    private static Use? Read(HttpRequestMessage request)
    {
        // /api/v1/... or /apis/GROUP/VERSION/..., then namespaces/NS/RESOURCE/NAME/SUBRESOURCE or RESOURCE/NAME/SUBRESOURCE.
        var path = request.RequestUri!.AbsolutePath.Trim('/').Split('/');
        var (group, rest) = path switch
        {
            ["api", _, .. var core] => ("", core),
            ["apis", var named, _, .. var others] => (named, others),
            _ => ("", []),
        };
        var (ns, parts) = rest is ["namespaces", var found, _, ..] ? (found, rest[2..]) : ("", rest);
        if (parts.Length == 0)
        {
            return null;
        }

        var resource = $"{parts[0]}{(parts.Length > 2 ? $"/{parts[2]}" : "")}.{group}";
        var name = parts.Length > 1 ? parts[1] : "";
        var verb = request.Method.Method switch
        {
            "GET" when request.RequestUri.Query.Contains("watch=true", StringComparison.Ordinal) => "watch",
            "GET" => name.Length > 0 ? "get" : "list",
            "POST" => "create",
            "PUT" => "update",
            var other => other.ToLowerInvariant(),
        };
        return new Use(verb, resource, ns, name);
    }
}
