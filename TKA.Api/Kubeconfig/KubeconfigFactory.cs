using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Contracts.Kubeconfig;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;

namespace TKA.Api.Kubeconfig;

/// <summary>Puts a kubeconfig together.</summary>
internal sealed class KubeconfigFactory(IOptions<ClusterOptions> options)
{
    /// <summary>A kubeconfig for one session.</summary>
    public KubeconfigDocument Create(TkaSignin session, ClusterInfo cluster, string token)
    {
        var names = options.Value;
        var user = SessionNames.Suffix(session.Metadata.Name);
        var context = names.ContextPrefix + user;
        return new KubeconfigDocument
        {
            Clusters =
            [
                new NamedCluster
                {
                    Name = names.ClusterName,
                    Cluster = Cluster(cluster),
                },
            ],
            Users = [new NamedUser { Name = names.UserPrefix + user, User = new KubeconfigUser { Token = token } }],
            Contexts =
            [
                new NamedContext
                {
                    Name = context,
                    Context = new KubeconfigContext
                    {
                        Cluster = names.ClusterName,
                        User = names.UserPrefix + user,
                        // Someone bound in some namespaces only would be refused in "default".
                        Namespace = session.Namespaces() is [var first, ..] ? first : null,
                    },
                },
            ],
            CurrentContext = context,
        };
    }

    /// <summary>How to reach a cluster.</summary>
    public static KubeconfigCluster Cluster(ClusterInfo cluster) => new()
    {
        Server = cluster.ServerUrl,
        CertificateAuthorityData = cluster.CaData.Length > 0 && !cluster.InsecureSkipTlsVerify ? cluster.CaData : null,
        InsecureSkipTlsVerify = cluster.InsecureSkipTlsVerify,
    };
}
