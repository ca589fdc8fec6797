using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TKA.DevEnvironment.Tailnet;

/// <summary>
/// Stands in for the ACME server behind tailscaled: a root and an intermediate made at start, and server certificates
/// that are kept and handed out again while they last long enough.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    // For clients whose clock is a little behind.
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;
    private readonly Lock _gate = new();
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;
    private readonly Dictionary<string, Issued> _issued = new(StringComparer.OrdinalIgnoreCase);

    public CertificateAuthority(TimeProvider time, TimeSpan lifetime)
    {
        _time = time;
        _lifetime = lifetime;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest("CN=TKA embedded tailnet root", rootKey);
        _root = request.CreateSelfSigned(Start, Start.AddYears(10));

        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = AuthorityRequest("CN=TKA embedded tailnet issuer", key)
            .Create(_root, Start, Start.AddYears(9), RandomNumberGenerator.GetBytes(16));
        _intermediate = certificate.CopyWithPrivateKey(key);
        Pem = _root.ExportCertificatePem();
    }

    public string Pem { get; }

    private DateTimeOffset Start => _time.GetUtcNow().AddHours(-1);

    public Issued Get(string domain, TimeSpan minValidity)
    {
        lock (_gate)
        {
            if (!_issued.TryGetValue(domain, out var issued) || issued.NotAfter - _time.GetUtcNow() < minValidity)
            {
                _issued[domain] = issued = Issue(domain);
            }

            return issued;
        }
    }

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
    }

    private Issued Issue(string domain)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={domain}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(domain);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var now = _time.GetUtcNow();
        using var certificate = request.Create(_intermediate, now - (_lifetime / 4 < Backdated ? _lifetime / 4 : Backdated), now + _lifetime, RandomNumberGenerator.GetBytes(16));
        return new Issued(
            key.ExportECPrivateKeyPem() + "\n",
            $"{certificate.ExportCertificatePem()}\n{_intermediate.ExportCertificatePem()}\n",
            now + _lifetime);
    }

    private static CertificateRequest AuthorityRequest(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    /// <summary>A key and its chain, PEM.</summary>
    internal sealed record Issued(string Key, string Chain, DateTimeOffset NotAfter);
}
