using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Serving;

/// <summary>
/// The server certificate, from tailscaled. Renewed when two thirds of its life are over and swapped under running
/// connections; a failed renewal keeps the old one and is tried again.
/// </summary>
internal sealed class TailscaleCertificateProvider(
    ILocalApiClient localApi,
    BackendStatus backend,
    IOptions<TailscaleOptions> options,
    TimeProvider time,
    ILogger<TailscaleCertificateProvider> logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    // Without a certificate nobody can sign in.
    private static readonly TimeSpan LongestRetryOfFirst = TimeSpan.FromSeconds(30);

    // tailscaled may have renewed by itself, or changed its name.
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(12);

    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SslStreamCertificateContext? _current;
    private volatile string? _problem;

    /// <summary>Whether a certificate that has not expired is there to serve.</summary>
    public bool IsReady => _current is { } current && current.TargetCertificate.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime;

    /// <summary>Why the last attempt to get a certificate failed, in words for operators; <see langword="null"/> when it did not.</summary>
    public string? Problem => _problem;

    /// <summary>
    /// How Kestrel gets at the certificate of the moment, its issuers included. A client that connects while the first one is being
    /// fetched waits for it, as long as Kestrel's handshake timeout allows. Once an attempt has failed, handshakes fail at once.
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
            // Taken before the attempt, so that a change during the attempt ends the wait after it.
            var changed = backend.Changed;
            try
            {
                var wait = await RefreshAsync(stoppingToken);
                retry = FirstRetry;
                await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (LocalApiException exception)
            {
                var longest = _current is null ? LongestRetryOfFirst : LongestRetry;
                var wait = exception.RetryAfter ?? (retry < longest ? retry : longest);
                retry = retry < longest ? retry * 2 : longest;
                _problem = exception.Message;
                Log.CertificateFailed(logger, exception.Message, wait);
                // A rate limit of the certificate authority does not end sooner because tailscaled's state changes.
                await WaitAsync(wait, exception.RetryAfter is null ? changed : Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken), stoppingToken);
            }
        }
    }

    private async Task WaitAsync(TimeSpan wait, Task changed, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(wait, time, done.Token), changed);
        await done.CancelAsync();
    }

    private async ValueTask<SslServerAuthenticationOptions> OnConnectionAsync(TlsHandshakeCallbackContext context)
    {
        if (_current is null && _problem is { } problem)
        {
            throw new AuthenticationException($"There is no certificate to serve: {problem}");
        }

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
        _problem = null;
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
