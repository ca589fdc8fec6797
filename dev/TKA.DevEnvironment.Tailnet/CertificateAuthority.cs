using System.Security.Cryptography.X509Certificates;
using TKA.DevEnvironment.Shared;

namespace TKA.DevEnvironment.Tailnet;

/// <summary>
/// Replaces the ACME server that tailscaled asks: a root and an intermediate made at start, and server certificates that are kept and
/// handed out again while they last long enough.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    // For clients whose clock is a little behind.
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;
    private readonly Lock _gate = new();
    private readonly X509Certificate2 _intermediate;
    private readonly Dictionary<string, Issued> _issued = new(StringComparer.OrdinalIgnoreCase);

    public CertificateAuthority(TimeProvider time, TimeSpan lifetime)
    {
        _time = time;
        _lifetime = lifetime;
        var start = time.GetUtcNow().AddHours(-1);
        using var root = DevCertificates.CreateAuthority("CN=TKA embedded tailnet root", null, start, start.AddYears(10));
        _intermediate = DevCertificates.CreateAuthority("CN=TKA embedded tailnet issuer", root, start, start.AddYears(9));
        Pem = root.ExportCertificatePem();
    }

    /// <summary>The root's certificate.</summary>
    public string Pem { get; }

    /// <summary>A certificate for a domain that is valid for at least <paramref name="minValidity"/> more.</summary>
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

    public void Dispose() => _intermediate.Dispose();

    private Issued Issue(string domain)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(domain);
        var now = _time.GetUtcNow();
        var backdated = _lifetime / 4 < Backdated ? _lifetime / 4 : Backdated;
        using var certificate = DevCertificates.IssueServer(_intermediate, $"CN={domain}", names, now - backdated, now + _lifetime);
        using var key = certificate.GetECDsaPrivateKey()!;
        return new Issued(
            key.ExportECPrivateKeyPem() + "\n",
            $"{certificate.ExportCertificatePem()}\n{_intermediate.ExportCertificatePem()}\n",
            now + _lifetime);
    }

    /// <summary>A key and its chain, PEM.</summary>
    internal sealed record Issued(string Key, string Chain, DateTimeOffset NotAfter);
}
