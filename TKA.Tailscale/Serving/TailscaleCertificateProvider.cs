using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Serving;

/// <summary>
/// The server certificate, from tailscaled. Renewed when two thirds of its life are over and swapped under running
/// connections; a failed renewal keeps the old one and is tried again.
/// </summary>
internal sealed class TailscaleCertificateProvider(
    ILocalApiClient localApi,
    IOptions<TailscaleOptions> options,
    TimeProvider time,
    ILogger<TailscaleCertificateProvider> logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    // tailscaled may have renewed by itself, or changed its name.
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(12);

    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SslStreamCertificateContext? _current;

    /// <summary>Whether a certificate that has not expired is there to serve.</summary>
    public bool IsReady => _current is { } current && current.TargetCertificate.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime;

    /// <summary>
    /// How Kestrel gets at the certificate of the moment, its issuers included. A client who connects before the first
    /// one is there waits for it, as long as Kestrel's handshake timeout allows.
    /// </summary>
    public TlsHandshakeCallbackOptions Tls => new() { OnConnection = OnConnectionAsync };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.ServesTls)
        {
            return;
        }

        var retry = FirstRetry;
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                wait = await RefreshAsync(stoppingToken);
                retry = FirstRetry;
            }
            catch (LocalApiException exception)
            {
                wait = exception.RetryAfter ?? retry;
                retry = TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, LongestRetry.Ticks));
                Log.CertificateFailed(logger, exception.Message, wait);
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask<SslServerAuthenticationOptions> OnConnectionAsync(TlsHandshakeCallbackContext context)
    {
        await _first.Task.WaitAsync(context.CancellationToken);
        return new SslServerAuthenticationOptions { ServerCertificateContext = _current };
    }

    /// <summary>Fetches and swaps.</summary>
    /// <returns>When to come again.</returns>
    private async Task<TimeSpan> RefreshAsync(CancellationToken cancellationToken)
    {
        var domain = await DomainAsync(cancellationToken);
        var pem = await localApi.CertPairAsync(domain, MinValidity(), cancellationToken);
        var loaded = Load(pem);
        _current = loaded;
        _first.TrySetResult();
        var certificate = loaded.TargetCertificate;
        var notAfter = new DateTimeOffset(certificate.NotAfter);
        Log.CertificateLoaded(logger, domain, notAfter);

        var renewal = notAfter - ((notAfter - certificate.NotBefore) / 3) - time.GetUtcNow();
        return renewal <= TimeSpan.Zero ? FirstRetry * 12 : renewal < LongestInterval ? renewal : LongestInterval;
    }

    /// <summary>
    /// A third of the current certificate's life: with less left, tailscaled shall renew and not hand out the old one. And a moment
    /// more, since certificates tell whole seconds: asked at the very third, it would find the old one just good enough.
    /// </summary>
    private TimeSpan MinValidity() =>
        _current is { TargetCertificate: var certificate } ? ((certificate.NotAfter - certificate.NotBefore) / 3) + TimeSpan.FromSeconds(2) : TimeSpan.FromHours(24);

    private async Task<string> DomainAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Tailnet.Length > 0)
        {
            return $"{options.Value.Hostname}.{options.Value.Tailnet}";
        }

        var status = await localApi.StatusAsync(peers: false, cancellationToken);
        return status.CertDomains is { Count: > 0 } domains
            ? domains[0]
            : throw new LocalApiException(LocalApiError.Unavailable, "tailscaled has no name to get a certificate for. Turn HTTPS certificates on for the tailnet, or set tailscale:tls to false.");
    }

    private static SslStreamCertificateContext Load(CertificatePem pem)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem.Chain);
            using var leaf = X509Certificate2.CreateFromPem(pem.Chain, pem.PrivateKey);

            // Windows cannot use an ephemeral key for TLS; everywhere else this is a copy in memory.
            var usable = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);
            return SslStreamCertificateContext.Create(usable, chain, offline: true);
        }
        catch (System.Security.Cryptography.CryptographicException exception)
        {
            throw new LocalApiException(LocalApiError.Unexpected, $"tailscaled's certificate cannot be used: {exception.Message}", exception);
        }
    }
}
