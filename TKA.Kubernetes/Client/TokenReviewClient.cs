using k8s.Models;
using TKA.Kubernetes.Serialization;

namespace TKA.Kubernetes.Client;

/// <summary>Asks the cluster to authenticate a token (<c>authentication.k8s.io/v1</c>).</summary>
/// <param name="transport">Connection to use.</param>
public sealed class TokenReviewClient(KubernetesTransport transport)
{
    /// <summary>Reviews a token. It goes into the request's body only.</summary>
    /// <param name="token">The token.</param>
    /// <param name="audiences">The audiences it must be for, at least one of them.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="KubernetesRequestException">The review could not be made. A bad token is no exception.</exception>
    public async Task<V1TokenReviewStatus> ReviewAsync(string token, IList<string> audiences, CancellationToken cancellationToken)
    {
        var json = KubernetesJsonContext.Type<V1TokenReview>();
        var review = new V1TokenReview
        {
            ApiVersion = "authentication.k8s.io/v1",
            Kind = "TokenReview",
            Spec = new V1TokenReviewSpec { Token = token, Audiences = audiences },
        };
        var request = new KubernetesRequest(HttpMethod.Post, "apis/authentication.k8s.io/v1/tokenreviews", "create", "tokenreviews", "create tokenreviews")
        {
            Body = KubernetesRequest.Serialize(review, json),
            SpanName = "create TokenReview",
        };
        return (await transport.SendAsync(request, json, cancellationToken)).Status;
    }
}
