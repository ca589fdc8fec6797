using TKA.Contracts.Rest;

namespace TKA.Api.ClusterInformation;

/// <summary>How users reach the Kubernetes API.</summary>
internal interface IClusterInfoSource
{
    /// <summary>The endpoint and whom to trust there.</summary>
    /// <exception cref="Problems.ApiProblemException">It cannot be told at the moment.</exception>
    ValueTask<ClusterInfo> GetAsync(CancellationToken cancellationToken);
}
