using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Admission plugin <c>ServiceAccount</c>: a Pod runs as the account it names, which must exist, or as <c>default</c>. The
/// volume with the account's token is left out, because no Pod runs here.
/// </summary>
internal sealed class ServiceAccountAdmission(IObjectReader objects) : IAdmissionPlugin
{
    private const string Default = "default";

    /// <inheritdoc/>
    public void Admit(AdmissionRequest request)
    {
        var info = request.Request;
        if (request.Operation != "CREATE" || info is not { ApiGroup: "", Resource: "pods", Subresource: "" } || request.Object.Child("spec") is not { } spec)
        {
            return;
        }

        if (spec.Text("serviceAccountName").Length == 0)
        {
            spec["serviceAccountName"] = Default;
        }

        var name = spec.Text("serviceAccountName");
        // The deprecated name of the same field, which clients still read.
        spec["serviceAccount"] = name;
        // Every namespace gets a default account shortly after its creation; the real server waits for it.
        if (name == Default || objects.Get("", "serviceaccounts", info.Namespace, name) is not null)
        {
            return;
        }

        throw Statuses.Forbidden(
            new GroupResource("", "pods"),
            request.Object!.Name(),
            $"error looking up service account {info.Namespace}/{name}: serviceaccount {GoText.Quote(name)} not found");
    }
}
