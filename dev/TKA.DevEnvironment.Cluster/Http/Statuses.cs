using System.Globalization;
using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>The refusals a Kubernetes API server gives, in its words, and their <c>Status</c> bodies.</summary>
internal static class Statuses
{
    public static StatusException BadRequest(string message) => new(400, "BadRequest", message);

    public static StatusException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    /// <summary>The answer to a request no rule allows.</summary>
    public static StatusException Forbidden(UserInfo user, RequestInfo request, string reason)
    {
        var suffix = reason.Length == 0 ? "" : $": {reason}";
        if (!request.IsResourceRequest)
        {
            return new StatusException(403, "Forbidden", $"forbidden: User \"{user.Username}\" cannot {request.Verb} path \"{request.Path}\"{suffix}")
            {
                Details = ("", "", "", ""),
            };
        }

        var resource = request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}";
        var scope = request.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        return Forbidden(
            new GroupResource(request.ApiGroup, request.Resource),
            request.Name,
            $"User \"{user.Username}\" cannot {request.Verb} resource \"{resource}\" in API group \"{request.ApiGroup}\" {scope}{suffix}");
    }

    /// <summary>A write that is allowed by RBAC and refused for another reason.</summary>
    public static StatusException Forbidden(GroupResource resource, string name, string why)
    {
        var what = name.Length == 0 ? $"{resource}" : $"{resource} \"{name}\"";
        return new StatusException(403, "Forbidden", $"{what} is forbidden: {why}") { Details = (resource.Group, resource.Resource, name, "") };
    }

    /// <summary>No such object.</summary>
    public static StatusException NotFound(GroupResource resource, string name) =>
        new(404, "NotFound", $"{resource} \"{name}\" not found") { Details = (resource.Group, resource.Resource, name, "") };

    /// <summary>No such path.</summary>
    public static StatusException NoSuchResource() =>
        new(404, "NotFound", "the server could not find the requested resource") { Details = ("", "", "", "") };

    public static StatusException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") { Details = ("", "", "", "") };

    public static StatusException NotAcceptable(string offered) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {offered}");

    public static StatusException AlreadyExists(GroupResource resource, string name) =>
        new(409, "AlreadyExists", $"{resource} \"{name}\" already exists") { Details = (resource.Group, resource.Resource, name, "") };

    public static StatusException Conflict(
        GroupResource resource,
        string name,
        string why = "the object has been modified; please apply your changes to the latest version and try again") =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": {why}") { Details = (resource.Group, resource.Resource, name, "") };

    /// <summary>The resource version is older than the kept history.</summary>
    public static StatusException Expired(string message) => new(410, "Expired", message);

    public static StatusException TooLarge(long limit) =>
        new(413, "RequestEntityTooLarge", string.Create(CultureInfo.InvariantCulture, $"Request entity too large: limit is {limit}"));

    public static StatusException UnsupportedMediaType(string accepted) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}");

    /// <summary>A resource version that this server has not reached.</summary>
    public static StatusException TooLargeResourceVersion(long asked, long current) =>
        new(
            504,
            "Timeout",
            $"Timeout: Too large resource version: {asked}, current: {current}",
            [new StatusCause("ResourceVersionTooLarge", "Too large resource version", "")])
        {
            RetryAfterSeconds = 1,
            Details = ("", "", "", ""),
        };

    public static StatusException NotImplemented(string what) =>
        new(501, "NotImplemented", $"the embedded cluster does not implement {what}; use a real cluster (--cluster kubeconfig)");

    /// <summary>An object that breaks its rules.</summary>
    public static StatusException Invalid(string group, string kind, string name, IReadOnlyList<StatusCause> causes, string uid = "")
    {
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        var errors = causes.Select(c => $"{c.Field}: {c.Message}").Distinct().ToList();
        var text = errors.Count == 1 ? errors[0] : $"[{string.Join(", ", errors)}]";
        return new StatusException(422, "Invalid", $"{qualified} \"{name}\" is invalid: {text}", causes) { Details = (group, kind, name, uid) };
    }

    /// <summary>One bad field of the options in a request's query, for example <c>ListOptions</c>.</summary>
    public static StatusException InvalidOptions(string kind, Action<FieldErrors> add)
    {
        var errors = new FieldErrors();
        add(errors);
        return Invalid("meta.k8s.io", kind, "", errors.Causes);
    }
}
