using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Registry;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

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

    /// <inheritdoc/>
    public override ValueTask<JsonObject> CreateAsync(UserInfo user, RequestInfo request, JsonObject body, CancellationToken cancellationToken)
    {
        Validate(body, request);
        var reviewed = _aboutCaller ? user : ReadUser(body["spec"]!);
        var decision = _authorizer.Authorize(reviewed, ReadAttributes(body["spec"]!));
        var status = new JsonObject { ["allowed"] = decision.Allowed };
        if (decision.Reason.Length > 0)
        {
            status["reason"] = decision.Reason;
        }

        var metadata = new JsonObject { ["creationTimestamp"] = null };
        if (Namespaced)
        {
            metadata["namespace"] = request.Namespace;
        }

        return ValueTask.FromResult(new JsonObject
        {
            ["kind"] = Kind,
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["metadata"] = metadata,
            ["spec"] = body["spec"]!.DeepClone(),
            ["status"] = status,
        });
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

        ValidateSelector(resource.At("fieldSelector"), "spec.resourceAttributes.fieldSelector", errors);
        ValidateSelector(resource.At("labelSelector"), "spec.resourceAttributes.labelSelector", errors);
        if (body.Name().Length > 0)
        {
            errors.Invalid("metadata", body["metadata"], Namespaced ? "must be empty except for namespace" : "must be empty");
        }

        errors.ThrowIfAny(Group, Kind, "");
    }

    private static void ValidateSelector(JsonNode? selector, string path, FieldErrors errors)
    {
        if (selector is null)
        {
            return;
        }

        var (raw, requirements) = (selector.Text("rawSelector"), selector.Objects("requirements"));
        if (raw.Length > 0 && requirements.Count > 0)
        {
            errors.Invalid($"{path}.rawSelector", raw, "may not specified at the same time as requirements");
        }

        if (raw.Length == 0 && requirements.Count == 0)
        {
            errors.Required($"{path}.requirements", $"when {path} is specified, requirements or rawSelector is required");
        }

        for (var i = 0; i < requirements.Count; i++)
        {
            var (at, values) = ($"{path}.requirements[{i}]", requirements[i].Texts("values").Count);
            if (requirements[i].Text("key").Length == 0)
            {
                errors.Required($"{at}.key", "must be specified");
            }

            switch (requirements[i].Text("operator"))
            {
                case "In" or "NotIn" when values == 0:
                    errors.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist" when values > 0:
                    errors.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
            }
        }
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
            Path = "",
            ApiGroup = resource.Text("group"),
            ApiVersion = resource.Text("version") is { Length: > 0 } version ? version : "*",
            Resource = resource.Text("resource"),
            Subresource = resource.Text("subresource"),
            Namespace = resource.Text("namespace"),
            Name = resource.Text("name"),
        };
    }
}
