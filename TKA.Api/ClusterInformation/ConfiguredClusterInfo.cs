using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Contracts.Rest;

namespace TKA.Api.ClusterInformation;

/// <summary>Endpoint and CA as the configuration gives them.</summary>
internal sealed class ConfiguredClusterInfo(IOptions<ClusterInfoOptions> options) : IClusterInfoSource
{
    private readonly ClusterInfo _info = new()
    {
        ServerUrl = options.Value.ApiEndpoint,
        CaData = options.Value.CaData,
        InsecureSkipTlsVerify = options.Value.InsecureSkipTLSVerify,
        Labels = options.Value.Labels,
    };

    public ValueTask<ClusterInfo> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_info);
}
