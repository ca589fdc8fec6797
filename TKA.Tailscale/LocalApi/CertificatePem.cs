using System.Text;

namespace TKA.Tailscale.LocalApi;

/// <summary>A certificate as tailscaled hands it out: private key and chain, both PEM.</summary>
public sealed class CertificatePem
{
    private CertificatePem(string privateKey, string chain)
    {
        PrivateKey = privateKey;
        Chain = chain;
    }

    /// <summary>The private key, PEM. Never logged.</summary>
    public string PrivateKey { get; }

    /// <summary>Leaf certificate first, then its issuers, PEM.</summary>
    public string Chain { get; }

    /// <summary>Takes apart the answer of <c>cert/…?type=pair</c>: the key comes first, then the chain.</summary>
    /// <exception cref="FormatException">A part is missing.</exception>
    public static CertificatePem Parse(string pair)
    {
        string? key = null;
        var chain = new StringBuilder();
        var rest = pair.AsSpan();
        while (System.Security.Cryptography.PemEncoding.TryFind(rest, out var fields))
        {
            var block = rest[fields.Location].ToString();
            if (rest[fields.Label].EndsWith("PRIVATE KEY", StringComparison.Ordinal))
            {
                key ??= block;
            }
            else if (rest[fields.Label] is "CERTIFICATE")
            {
                chain.Append(block).Append('\n');
            }

            rest = rest[fields.Location.End..];
        }

        return key is not null && chain.Length > 0
            ? new CertificatePem(key, chain.ToString())
            : throw new FormatException("tailscaled's certificate answer lacks a private key or a certificate.");
    }

    /// <summary>Says what it is without showing the key.</summary>
    public override string ToString() => "certificate with private key (hidden)";
}
