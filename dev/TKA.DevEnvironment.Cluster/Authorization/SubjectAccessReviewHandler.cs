using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Answers what the authorizer would say to a request (<c>kubectl auth can-i</c>).</summary>
internal sealed class SubjectAccessReviewHandler : CreateHandler
{
    private readonly RbacAuthorizer _authorizer;
    private readonly bool _aboutCaller;

    private SubjectAccessReviewHandler(RbacAuthorizer authorizer, string kind, bool namespaced = false, bool aboutCaller = false)
        : base("authorization.k8s.io", kind.ToLowerInvariant() + "s", kind, namespaced: namespaced) =>
        (_authorizer, _aboutCaller) = (authorizer, aboutCaller);

    /// <summary>The reviews about any user, about any user in one namespace, and about the caller.</summary>
    public static IEnumerable<SubjectAccessReviewHandler> All(RbacAuthorizer authorizer) =>
    [
        new(authorizer, "SubjectAccessReview"),
        new(authorizer, "LocalSubjectAccessReview", namespaced: true),
        new(authorizer, "SelfSubjectAccessReview", aboutCaller: true),
    ];

    public override JsonObject Create(UserInfo user, RequestInfo request, JsonObject body)
    {
        Validate(body, request);
        var reviewed = _aboutCaller ? user : ReadUser(body["spec"]!);
        var decision = _authorizer.Authorize(reviewed, ReadAttributes(body["spec"]!));
        var status = new JsonObject { ["allowed"] = decision.Allowed }.With("reason", decision.Reason);
        var metadata = new JsonObject { ["creationTimestamp"] = null };
        if (Namespaced)
        {
            metadata["namespace"] = request.Namespace;
        }

        return Answer(body["spec"], status, metadata);
    }

    private void Validate(JsonObject body, RequestInfo request)
    {
        var (errors, spec) = (new FieldErrors(), body["spec"]);
        var (resource, nonResource) = (spec.At("resourceAttributes"), spec.At("nonResourceAttributes"));
        if (resource is not null && nonResource is not null)
        {
            errors.Invalid("spec.nonResourceAttributes", nonResource, "cannot be specified in combination with resourceAttributes");
        }

        if (resource is null && nonResource is null)
        {
            errors.Invalid("spec.resourceAttributes", "null", "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }

        if (!_aboutCaller && spec.Text("user").Length == 0 && spec.Texts("groups").Count == 0)
        {
            errors.Invalid("spec.user", "", "at least one of user or group must be specified");
        }

        if (Namespaced && nonResource is not null)
        {
            errors.Invalid("spec.nonResourceAttributes", nonResource, "disallowed on this kind of request");
        }

        if (Namespaced && resource is not null && resource.Text("namespace") != request.Namespace)
        {
            errors.Invalid("spec.resourceAttributes.namespace", resource.Text("namespace"), "must match metadata.namespace");
        }

        errors.NotImplemented(resource, "spec.resourceAttributes", "fieldSelector", "labelSelector");
        if (body.Name().Length > 0)
        {
            errors.Invalid("metadata", body["metadata"], Namespaced ? "must be empty except for namespace" : "must be empty");
        }

        errors.ThrowIfAny(Group, Kind, "");
    }

    private static UserInfo ReadUser(JsonNode spec)
    {
        var extra = spec.At("extra") is JsonObject map
            ? map.ToDictionary(pair => pair.Key, pair => map.Texts(pair.Key), StringComparer.Ordinal)
            : WellKnownUsers.NoExtra;
        return new UserInfo(spec.Text("user"), spec.Text("uid"), spec.Texts("groups"), extra);
    }

    private static RequestInfo ReadAttributes(JsonNode spec)
    {
        if (spec.At("nonResourceAttributes") is { } path)
        {
            return new RequestInfo { Verb = path.Text("verb"), Path = path.Text("path") };
        }

        var resource = spec.At("resourceAttributes");
        return new RequestInfo
        {
            IsResourceRequest = true,
            Verb = resource.Text("verb"),
            ApiGroup = resource.Text("group"),
            ApiVersion = resource.Text("version") is { Length: > 0 } version ? version : "*",
            Resource = resource.Text("resource"),
            Subresource = resource.Text("subresource"),
            Namespace = resource.Text("namespace"),
            Name = resource.Text("name"),
        };
    }
}
