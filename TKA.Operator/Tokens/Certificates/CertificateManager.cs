using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;

namespace TKA.Operator.Tokens.Certificates;

/// <summary>
/// Keeps the token service's certificate: from files that somebody else renews, or from a CA of our own that all replicas share
/// through a Secret and publish in a ConfigMap for the API to trust.
/// </summary>
internal sealed class CertificateManager(
    ServerCertificate certificate,
    ResourceClient<V1Secret> secrets,
    ResourceClient<V1ConfigMap> configMaps,
    IOptions<OperatorOptions> operatorOptions,
    IOptions<TokenServiceOptions> options,
    TimeProvider time,
    ILogger<CertificateManager> logger) : BackgroundService
{
    public const string SecretName = "tka-operator-tls";
    public const string ConfigMapName = "tka-operator-ca";

    private const string CaKey = "ca.crt";
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FileRecheckInterval = TimeSpan.FromSeconds(30);

    /// <summary>A kubelet writes a changed ConfigMap into a Pod after two minutes at most: until then the API does not know a new CA.</summary>
    private static readonly TimeSpan CaAnnouncement = TimeSpan.FromMinutes(3);

    /// <summary>The other replicas read the Secret every ten minutes, and until then show certificates of the earlier CA.</summary>
    private static readonly TimeSpan CaOverlap = TimeSpan.FromMinutes(30);

    private string _shownCa = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var backoff = new JitteredBackoff(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                pause = options.Value.CertificateFile is { Length: > 0 } file ? UseFiles(file, options.Value.KeyFile!) : await UseSharedAsync(stoppingToken);
                backoff.Reset();
            }
            catch (Exception exception) when (exception is KubernetesRequestException or CryptographicException or IOException or ArgumentException)
            {
                // A message of these never contains key material.
                pause = backoff.Next((exception as KubernetesRequestException)?.RetryAfter);
                Log.CertificateFailed(logger, pause, exception.Message);
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TimeSpan UseFiles(string file, string keyFile)
    {
        using var loaded = X509Certificate2.CreateFromPemFile(file, keyFile);
        Use(loaded);
        return FileRecheckInterval;
    }

    private async Task<TimeSpan> UseSharedAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var secret = await secrets.GetAsync(SecretName, cancellationToken);
        var bundle = Read(secret) is { } kept && IsReadable(kept) ? kept : null;
        if (bundle is null || NeedsRenewal(bundle, now))
        {
            bundle = bundle is null ? CertificateAuthority.Create(Names(), now) : CertificateAuthority.Renew(bundle, Names(), now);
            Write(secret, bundle);

            // Another replica may do the same at the same moment: the conflict makes one of us read what the other wrote.
            await secrets.ReplaceAsync(secret, cancellationToken);
            using var made = X509Certificate2.CreateFromPem(bundle.Certificate);
            Log.CertificateMade(logger, made.NotAfter);
        }

        var caAge = now - CertificateAuthority.MadeAt(bundle.CaCertificate);
        await PublishAsync(bundle.CaCertificate, caAge < CaOverlap, cancellationToken);
        if (certificate.Current is { } shown && shown.NotAfter.ToUniversalTime() > now.UtcDateTime && _shownCa != bundle.CaCertificate && caAge < CaAnnouncement)
        {
            return CaAnnouncement - caAge;
        }

        using var loaded = X509Certificate2.CreateFromPem(bundle.Certificate, bundle.Key);
        Use(loaded);
        _shownCa = bundle.CaCertificate;
        return RecheckInterval;
    }

    /// <summary>Publishes the CA; a new one beside the earlier, which the certificates of other replicas are still of.</summary>
    private async Task PublishAsync(string ca, bool isNew, CancellationToken cancellationToken)
    {
        var configMap = await configMaps.GetAsync(ConfigMapName, cancellationToken);
        var published = configMap.Data?.TryGetValue(CaKey, out var text) == true ? text : "";
        var wanted = !isNew ? ca : published.Contains(ca, StringComparison.Ordinal) ? published : $"{ca}\n{published}".TrimEnd();
        if (published != wanted)
        {
            configMap.Data = new Dictionary<string, string>(configMap.Data ?? new Dictionary<string, string>()) { [CaKey] = wanted };
            await configMaps.ReplaceAsync(configMap, cancellationToken);
        }
    }

    private void Use(X509Certificate2 loaded)
    {
        if (certificate.Current?.Thumbprint != loaded.Thumbprint)
        {
            // A key that came as PEM is ephemeral; TLS on some platforms wants one that went through PKCS#12.
            certificate.Use(X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null));
        }
    }

    /// <summary>What somebody has spoilt is made anew: waiting for somebody to repair it would leave everybody without tokens.</summary>
    private static bool IsReadable(CertificateBundle bundle)
    {
        try
        {
            using var ca = X509Certificate2.CreateFromPem(bundle.CaCertificate, bundle.CaKey);
            using var certificate = X509Certificate2.CreateFromPem(bundle.Certificate, bundle.Key);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private bool NeedsRenewal(CertificateBundle bundle, DateTimeOffset now)
    {
        using var current = X509Certificate2.CreateFromPem(bundle.Certificate);
        return current.NotAfter.ToUniversalTime() < (now + RenewBefore).UtcDateTime || !Names().All(name => current.MatchesHostname(name, allowWildcards: false));
    }

    private IEnumerable<string> Names()
    {
        var ns = operatorOptions.Value.SystemNamespace;
        IEnumerable<string> names =
        [
            "tka-operator", $"tka-operator.{ns}", $"tka-operator.{ns}.svc", $"tka-operator.{ns}.svc.cluster.local", "localhost", "127.0.0.1",
            .. options.Value.CertificateNames ?? [],
        ];

        // A Pod's own address changes with every Pod: in the shared certificate it would make the replicas renew it for ever.
        return names.Where(name => !IPAddress.TryParse(name, out var address) || IPAddress.IsLoopback(address) || options.Value.CertificateNames?.Contains(name) == true);
    }

    private static CertificateBundle? Read(V1Secret secret)
    {
        return Text("ca.crt") is { } ca && Text("ca.key") is { } caKey && Text("tls.crt") is { } tls && Text("tls.key") is { } key
            ? new CertificateBundle(ca, caKey, tls, key)
            : null;

        string? Text(string name) => secret.Data is { } data && data.TryGetValue(name, out var bytes) && bytes.Length > 0 ? Encoding.UTF8.GetString(bytes) : null;
    }

    private static void Write(V1Secret secret, CertificateBundle bundle) => secret.Data = new Dictionary<string, byte[]>(secret.Data ?? new Dictionary<string, byte[]>())
    {
        ["ca.crt"] = Encoding.UTF8.GetBytes(bundle.CaCertificate),
        ["ca.key"] = Encoding.UTF8.GetBytes(bundle.CaKey),
        ["tls.crt"] = Encoding.UTF8.GetBytes(bundle.Certificate),
        ["tls.key"] = Encoding.UTF8.GetBytes(bundle.Key),
    };
}
