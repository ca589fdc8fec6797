using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Registry;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// The same write seen through the other group-versions that serve the same objects, so that <c>matchPolicy: Equivalent</c>,
/// the default, cannot be passed by asking for another version (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchpolicy).
/// </summary>
internal sealed class EquivalentRequests(ResourceRegistry registry)
{
    /// <summary>The request itself first, then its equivalents; their objects are not converted yet.</summary>
    public IReadOnlyList<AdmissionRequest> Of(AdmissionRequest request)
    {
        if (Definition(request) is not { } own)
        {
            return [request];
        }

        return
        [
            request,
            .. registry.All.Where(other => other.GroupResource == own.GroupResource && other != own)
                .Select(other => request with
                {
                    Request = request.Request with { ApiGroup = other.Group, ApiVersion = other.Version, Resource = other.Resource },
                    Kind = other.Kind,
                }),
        ];
    }

    /// <summary>An equivalent with its objects in its own version.</summary>
    public AdmissionRequest Convert(AdmissionRequest original, AdmissionRequest equivalent)
    {
        if (ReferenceEquals(original, equivalent))
        {
            return original;
        }

        var (from, to) = (Definition(original)!, Definition(equivalent)!);
        return equivalent with { Object = Convert(original.Object, from, to), OldObject = Convert(original.OldObject, from, to) };
    }

    private ResourceDefinition? Definition(AdmissionRequest request) =>
        registry.Find(request.Request.ApiGroup, request.Request.ApiVersion, request.Request.Resource);

    private static JsonObject? Convert(JsonObject? served, ResourceDefinition from, ResourceDefinition to)
    {
        if (served is null)
        {
            return null;
        }

        var copy = (JsonObject)served.DeepClone();
        copy = from.ToStorage(copy);
        copy = to.FromStorage(copy);
        copy["apiVersion"] = to.ApiVersion;
        copy["kind"] = to.Kind;
        return copy;
    }
}
