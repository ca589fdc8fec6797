using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Http;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Builds 403 answers in the words of the real server; scripts and people match on them.</summary>
internal static class Forbidden
{
    /// <summary>A request that no rule allows.</summary>
    public static StatusException Create(UserInfo user, RequestInfo request, string reason = "")
    {
        var explanation = reason.Length > 0 ? $"{Explain(user, request)}: {reason}" : Explain(user, request);
        return request.IsResourceRequest
            ? Create(request.ApiGroup, request.Resource, request.Name, explanation)
            : new StatusException(403, "Forbidden", $"forbidden: {explanation}") { Details = ("", "", "", "") };
    }

    /// <summary>A refusal of admission or of a resource's own rules.</summary>
    public static StatusException Create(string group, string resource, string name, string explanation)
    {
        var qualified = group.Length > 0 ? $"{resource}.{group}" : resource;
        var message = name.Length > 0 ? $"{qualified} {GoText.Quote(name)} is forbidden: {explanation}" : $"{qualified} is forbidden: {explanation}";
        return new StatusException(403, "Forbidden", message) { Details = (group, resource, name, "") };
    }

    private static string Explain(UserInfo user, RequestInfo request)
    {
        var subject = $"User {GoText.Quote(user.Username)} cannot {request.Verb}";
        if (!request.IsResourceRequest) return $"{subject} path {GoText.Quote(request.Path)}";
        var resource = request.Subresource.Length > 0 ? $"{request.Resource}/{request.Subresource}" : request.Resource;
        var scope = request.Namespace.Length > 0 ? $"in the namespace {GoText.Quote(request.Namespace)}" : "at the cluster scope";
        return $"{subject} resource {GoText.Quote(resource)} in API group {GoText.Quote(request.ApiGroup)} {scope}";
    }
}
