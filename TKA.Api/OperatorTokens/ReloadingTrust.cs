using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TKA.Api.Telemetry;

namespace TKA.Api.OperatorTokens;

/// <summary>Trusts the CAs of a PEM file and no others; the file is read again when it changes.</summary>
internal sealed class ReloadingTrust(string path, ILogger<ReloadingTrust> logger)
{
    private volatile Bundle? _bundle;

    /// <summary>Validates a server's certificate. For <see cref="SslClientAuthenticationOptions.RemoteCertificateValidationCallback"/>.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // Only the chain is judged here: a certificate for another name, or none, is refused whatever CA issued it.
        if (certificate is not X509Certificate2 leaf || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        if (Load() is not { Count: > 0 } roots)
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(roots);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.DisableCertificateDownloads = true;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return own.Build(leaf);
    }

    private X509Certificate2Collection? Load()
    {
        try
        {
            using var handle = File.OpenHandle(path);
            var written = File.GetLastWriteTimeUtc(handle);
            if (_bundle is { } known && known.Written == written)
            {
                return known.Roots;
            }

            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(File.ReadAllText(path));
            _bundle = new Bundle(roots, written);
            return roots;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            Log.CaUnusable(logger, path, exception.Message);
            return _bundle?.Roots;
        }
    }

    private sealed record Bundle(X509Certificate2Collection Roots, DateTime Written);
}
