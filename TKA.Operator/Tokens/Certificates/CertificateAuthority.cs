using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TKA.Operator.Tokens.Certificates;

/// <summary>PEM texts of a CA and of the server certificate it signed.</summary>
internal sealed record CertificateBundle(string CaCertificate, string CaKey, string Certificate, string Key);

/// <summary>Makes the token service's own CA and certificates (ECDSA P-256).</summary>
internal static class CertificateAuthority
{
    private static readonly TimeSpan CaLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(90);

    /// <summary>For clients whose clock is behind.</summary>
    private static readonly TimeSpan Backdating = TimeSpan.FromHours(1);

    /// <summary>A new CA with a first server certificate.</summary>
    public static CertificateBundle Create(IEnumerable<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=TKA operator CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var ca = request.CreateSelfSigned(now - Backdating, now + CaLifetime);
        return Issue(ca, ca.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), names, now);
    }

    /// <summary>A new server certificate: of the same CA, or of a new one when that ends before the certificate would.</summary>
    public static CertificateBundle Renew(CertificateBundle bundle, IEnumerable<string> names, DateTimeOffset now)
    {
        using var ca = X509Certificate2.CreateFromPem(bundle.CaCertificate, bundle.CaKey);
        return ca.NotAfter.ToUniversalTime() < (now + ServerLifetime).UtcDateTime ? Create(names, now) : Issue(ca, bundle.CaCertificate, bundle.CaKey, names, now);
    }

    /// <summary>When a CA of ours was made.</summary>
    public static DateTimeOffset MadeAt(string caCertificate)
    {
        using var ca = X509Certificate2.CreateFromPem(caCertificate);
        return ca.NotBefore.ToUniversalTime() + Backdating;
    }

    private static CertificateBundle Issue(X509Certificate2 ca, string caPem, string caKeyPem, IEnumerable<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=tka-operator", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        request.CertificateExtensions.Add(AlternativeNames(names));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        using var certificate = request.Create(ca, now - Backdating, now + ServerLifetime, serial);
        return new CertificateBundle(caPem, caKeyPem, certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Extension AlternativeNames(IEnumerable<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
            {
                builder.AddIpAddress(address);
            }
            else
            {
                builder.AddDnsName(name);
            }
        }

        return builder.Build();
    }
}
