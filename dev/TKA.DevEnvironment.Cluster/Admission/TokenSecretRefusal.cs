using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Refuses Secrets that a controller would fill with a ServiceAccount token that never expires, as nothing here fills them. It comes
/// after the admission policies, which may forbid such a Secret to this caller.
/// </summary>
internal sealed class TokenSecretRefusal : IAdmissionPlugin
{
    /// <inheritdoc/>
    public void Admit(AdmissionRequest request)
    {
        if (request.Request is { ApiGroup: "", Resource: "secrets" } && request.Object.Text("type") == "kubernetes.io/service-account-token")
        {
            throw Statuses.NotImplemented("Secrets with ServiceAccount tokens; ask for a token with a TokenRequest (kubectl create token)");
        }
    }
}
