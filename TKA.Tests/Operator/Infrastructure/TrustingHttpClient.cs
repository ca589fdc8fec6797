using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace TKA.Tests.Operator.Infrastructure;

internal static class TrustingHttpClient
{
    /// <summary>Trusts exactly one CA.</summary>
    public static HttpClient Create(string caPem, Uri baseAddress)
    {
        var ca = X509Certificate2.CreateFromPem(caPem);
        return new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { ca },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        })
        {
            BaseAddress = baseAddress,
        };
    }
}
