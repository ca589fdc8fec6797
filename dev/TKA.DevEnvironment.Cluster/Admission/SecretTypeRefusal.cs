namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Refuses Secrets of types whose content Kubernetes checks, or fills with a ServiceAccount token that never expires. It comes after the
/// admission policies, which may forbid such a Secret to this caller.
/// </summary>
internal sealed class SecretTypeRefusal : IAdmissionPlugin
{
    public void Admit(AdmissionRequest request)
    {
        if (request.Request is { ApiGroup: "", Resource: "secrets" }
            && request.Object.Text("type") is var type
            && type.StartsWith("kubernetes.io/", StringComparison.Ordinal)
            && type != "kubernetes.io/tls")
        {
            throw Statuses.NotImplemented($"Secrets of type {type} (for a ServiceAccount token: kubectl create token)");
        }
    }
}
