using TKA.DevEnvironment.Cluster.Admission;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Privilege escalation prevention for writes of roles and bindings.</summary>
internal sealed class RbacAdmission(EscalationCheck escalation) : IAdmissionPlugin
{
    public void Admit(AdmissionRequest request)
    {
        if (request.Request.ApiGroup != RbacPolicy.Group || request.Object is not { } resource || request.Request.Subresource.Length > 0)
        {
            return;
        }

        if (request.OldObject is null || !ChangesOnlyGarbageCollection(resource, request.OldObject))
        {
            CheckEscalation(request, resource);
        }
    }

    private void CheckEscalation(AdmissionRequest request, JsonObject resource)
    {
        var (user, scope, name) = (request.User, request.Request.Namespace, resource.Name());
        switch (request.Kind)
        {
            case "Role" or "ClusterRole":
                escalation.RequireRole(user, request.Request.Resource, scope, name, PolicyRule.ReadRules(resource));
                if (resource.At("aggregationRule") is JsonObject aggregation && !JsonNode.DeepEquals(aggregation, request.OldObject.At("aggregationRule")))
                {
                    escalation.RequireAggregation(user, name);
                }

                break;
            case "RoleBinding" or "ClusterRoleBinding":
                escalation.RequireBinding(user, request.Request.Resource, scope, name, resource.Text("roleRef", "kind"), resource.Text("roleRef", "name"));
                break;
        }
    }

    // The garbage collector removes finalizers and owners of roles that it has no right to write.
    private static bool ChangesOnlyGarbageCollection(JsonObject resource, JsonObject old) => JsonNode.DeepEquals(Essence(resource), Essence(old));

    private static JsonObject Essence(JsonObject resource)
    {
        var essence = (JsonObject)resource.DeepClone();
        if (essence["metadata"] is JsonObject metadata)
        {
            foreach (var field in (ReadOnlySpan<string>)["ownerReferences", "finalizers", "managedFields", "resourceVersion", "generation"])
            {
                metadata.Remove(field);
            }
        }

        return essence;
    }
}
