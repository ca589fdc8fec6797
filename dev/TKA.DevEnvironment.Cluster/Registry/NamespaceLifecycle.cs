using TKA.DevEnvironment.Cluster.Admission;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Admission plugin <c>NamespaceLifecycle</c>: nothing is created in a namespace that does not exist or is going.</summary>
internal sealed class NamespaceLifecycle(ObjectStore reader) : IAdmissionPlugin
{
    private static readonly GroupResource Namespaces = new("", "namespaces");

    public void Admit(AdmissionRequest request)
    {
        var info = request.Request;
        if (request.Operation != "CREATE" || info.Namespace.Length == 0 || info is { ApiGroup: "", Resource: "namespaces" })
        {
            return;
        }

        var space = reader.Get("", "namespaces", "", info.Namespace) ?? throw Statuses.NotFound(Namespaces, info.Namespace);
        if (space.Child("metadata")?["deletionTimestamp"] is null)
        {
            return;
        }

        var resource = new GroupResource(info.ApiGroup, info.Resource);
        var name = request.Object.Child("metadata").Text("name");
        throw new StatusException(
            403,
            "Forbidden",
            $"{resource} \"{name}\" is forbidden: unable to create new content in namespace {info.Namespace} because it is being terminated",
            [new StatusCause("NamespaceTerminating", $"namespace {info.Namespace} is being terminated", "metadata.namespace")])
        {
            Details = (info.ApiGroup, info.Resource, name, ""),
        };
    }
}

/// <summary>The deletion half of <c>NamespaceLifecycle</c>: the system's own namespaces stay.</summary>
internal sealed class NamespaceDeletionGuard : IAdmissionPlugin
{
    public void Admit(AdmissionRequest request)
    {
        var info = request.Request;
        if (request.Operation == "DELETE"
            && info is { ApiGroup: "", Resource: "namespaces", Name: "default" or "kube-system" or "kube-public" })
        {
            throw Statuses.Forbidden(new GroupResource("", "namespaces"), info.Name, "this namespace may not be deleted");
        }
    }
}
