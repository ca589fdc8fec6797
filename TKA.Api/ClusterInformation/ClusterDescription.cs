using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Contracts.Rest;

namespace TKA.Api.ClusterInformation;

/// <summary>What this cluster is, for people and for the orchestrator: how to reach it, its name, and which installation it is.</summary>
internal sealed class ClusterDescription(IClusterInfoSource source, IOptions<ClusterOptions> names, IOptions<RegistrationOptions> orchestrator, ClusterState state)
{
    /// <summary>Describes it.</summary>
    public async ValueTask<ClusterInfo> GetAsync(CancellationToken cancellationToken)
    {
        var info = await source.GetAsync(cancellationToken);
        var now = await state.GetAsync(cancellationToken);
        return info with
        {
            Name = names.Value.ClusterName,
            Description = orchestrator.Value.Description.Length > 0 ? orchestrator.Value.Description : null,
            InstallationId = orchestrator.Value.InstallationId.Length > 0 ? orchestrator.Value.InstallationId : Derive(info),
            TkaEndpoint = orchestrator.Value.TkaEndpoint is { Length: > 0 } endpoint ? endpoint : null,
            Version = ApiVersion.Text,
            KubernetesVersion = now.KubernetesVersion,
            SignsIn = now.SignsIn,
        };
    }

    /// <summary>The same in every replica and after every restart, without a right to store anything: from what makes the installation.</summary>
    private string Derive(ClusterInfo info) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{info.ServerUrl}\n{info.CaData}\n{names.Value.Namespace}")))[..32];
}
