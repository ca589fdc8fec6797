using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TKA.DevEnvironment.Shared;

/// <summary>Certificates of the development servers: ECDSA P-256, made in memory, each with its private key.</summary>
internal static class DevCertificates
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Makes a certificate authority, signed by another one or by itself.</summary>
    public static X509Certificate2 CreateAuthority(string subject, X509Certificate2? issuer, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(subject, key, isAuthority: true, X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign);
        return issuer is null ? request.CreateSelfSigned(notBefore, notAfter) : Sign(request, key, issuer, notBefore, notAfter);
    }

    /// <summary>Issues a server certificate.</summary>
    /// <exception cref="ArgumentException">It would outlive its issuer.</exception>
    public static X509Certificate2 IssueServer(
        X509Certificate2 issuer, string subject, SubjectAlternativeNameBuilder names, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(subject, key, isAuthority: false, X509KeyUsageFlags.DigitalSignature);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        return Sign(request, key, issuer, notBefore, notAfter);
    }

    private static CertificateRequest Request(string subject, ECDsa key, bool isAuthority, X509KeyUsageFlags usage)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static X509Certificate2 Sign(CertificateRequest request, ECDsa key, X509Certificate2 issuer, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        using var certificate = request.Create(issuer, notBefore, notAfter, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }
}
