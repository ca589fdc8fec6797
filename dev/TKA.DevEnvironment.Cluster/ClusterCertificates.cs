using System.Net;
using System.Security.Cryptography.X509Certificates;
using TKA.DevEnvironment.Shared;

namespace TKA.DevEnvironment.Cluster;

/// <summary>The cluster's CA, which ends with the cluster, and the API server's certificate for loopback and in-cluster names.</summary>
internal sealed class ClusterCertificates : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);
    private static readonly string[] Names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];

    public ClusterCertificates(IPAddress address)
    {
        // Clients judge certificates by the machine's clock, whatever the cluster's TimeProvider says.
        var notBefore = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1);
        using var ca = DevCertificates.CreateAuthority("CN=tka-embedded-cluster-ca", null, notBefore, notBefore + Lifetime);
        CaPem = ca.ExportCertificatePem() + "\n";
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in Names)
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(address);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        using var server = DevCertificates.IssueServer(ca, "CN=kube-apiserver", names, notBefore, notBefore + Lifetime);

        // TLS on Windows cannot use a private key that was never exported.
        Server = X509CertificateLoader.LoadPkcs12(server.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>The CA's certificate.</summary>
    public string CaPem { get; }

    /// <summary>The API server's certificate with its private key.</summary>
    public X509Certificate2 Server { get; }

    public void Dispose() => Server.Dispose();
}
