using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TKA.Tests.Cli;

/// <summary>A certificate authority that nobody trusts unless told to.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=Test Authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        _root = request.CreateSelfSigned(Days(-100), Days(100));
    }

    /// <summary>The authority's own certificate, for <c>SSL_CERT_FILE</c>.</summary>
    public string Pem => _root.ExportCertificatePem();

    /// <summary>A server certificate, valid unless its end is in the past.</summary>
    public X509Certificate2 Issue(string name, int endsInDays = 30)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(_root, Days(-50), Days(endsInDays), RandomNumberGenerator.GetBytes(8));
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }

    private static DateTimeOffset Days(int days) => TimeProvider.System.GetUtcNow().AddDays(days);
}
