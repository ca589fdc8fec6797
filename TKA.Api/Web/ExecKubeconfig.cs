using Microsoft.Extensions.Options;
using TKA.Api.ClusterInformation;
using TKA.Api.Configuration;
using TKA.Api.Kubeconfig;
using TKA.Api.Problems;
using TKA.Contracts.Kubeconfig;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.Capabilities;

namespace TKA.Api.Web;

/// <summary>
/// A kubeconfig without a token, as <c>tka login --merge</c> would add it: kubectl asks <c>tka credential</c> for one. It can be
/// downloaded, mailed and backed up without giving anybody access.
/// </summary>
internal sealed class ExecKubeconfig(IClusterInfoSource clusters, OwnAccess access, IOptions<ClusterOptions> names)
{
    /// <summary>The file for one of the caller's roles.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">One of the granted roles; null or empty: the one that wins.</param>
    /// <param name="server">URL of this server.</param>
    /// <param name="cancellationToken">Ends the wait for the cluster's address.</param>
    /// <returns>Name and content of the file.</returns>
    /// <exception cref="ApiProblemException">The role is not granted (404), or the cluster's address cannot be told now.</exception>
    public async Task<(string Name, string Yaml)> CreateAsync(TailscalePeer peer, string? role, string server, CancellationToken cancellationToken)
    {
        var winner = RuleSelection.Choose(peer.Rules.Items, null).Rule;
        var rule = string.IsNullOrEmpty(role) ? winner : RuleSelection.Choose(peer.Rules.Items, role).Rule;
        if (rule is null)
        {
            throw new ApiProblemException(StatusProblems.For(StatusCodes.Status404NotFound) with { Detail = "No rule of yours grants that role." });
        }

        var cluster = await clusters.GetAsync(cancellationToken);
        var isBase = access.List(peer).FirstOrDefault(session => session.Role == rule.Role)?.IsBase ?? rule.Role == winner?.Role;

        // The names that the CLI gives its contexts. ':' is in neither part, so that no two of them are the same.
        var name = isBase ? $"tka-{names.Value.ClusterName}" : $"tka-{names.Value.ClusterName}:{rule.Role}";
        var document = new KubeconfigDocument
        {
            Clusters = [new NamedCluster { Name = name, Cluster = KubeconfigFactory.Cluster(cluster) }],
            Users = [new NamedUser { Name = name, User = new KubeconfigUser() }],
            Contexts =
            [
                new NamedContext
                {
                    Name = name,
                    Context = new KubeconfigContext { Cluster = name, User = name, Namespace = rule.Namespaces is [var first, ..] ? first : null },
                },
            ],
            CurrentContext = name,
        };
        string[] plugin = ["tka", "credential", "--server", server, .. isBase ? (string[])[] : ["--role", rule.Role]];
        return ($"{name.Replace(':', '-')}.yaml", KubeconfigYaml.Write(document, plugin));
    }
}
