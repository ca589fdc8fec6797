using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace TKA.Cli.Client;

/// <summary>Accepts a server's certificate exactly when the system does, and remembers what was wrong when it does not: the exception does not say.</summary>
/// <param name="host">The name it must be for.</param>
/// <param name="clock">Clock.</param>
internal sealed class CertificateCheck(string host, TimeProvider clock)
{
    /// <summary>What is wrong with the last certificate seen; null: nothing, or none was seen.</summary>
    public TlsProblem? Problem { get; private set; }

    /// <summary>For <see cref="SslClientAuthenticationOptions.RemoteCertificateValidationCallback"/>.</summary>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Problem = errors == SslPolicyErrors.None ? null : TlsProblem.Of(host, certificate as X509Certificate2, chain, errors, clock.GetUtcNow());
        return errors == SslPolicyErrors.None;
    }
}
