using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TKA.Tests.Infrastructure;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>
/// A real HTTP proxy between an operator and its cluster: counts requests, and does to them what a test asks for. Its answers carry the
/// test's time.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _cluster;
    private readonly TimeProvider _clock;
    private readonly TokenBook? _tokens;
    private readonly RequestRates? _rates;
    private readonly ConcurrentQueue<ProxiedRequest> _log = [];
    private readonly CancellationTokenSource _dead = new();
    private Func<ProxiedRequest, Fault?> _rule = static _ => null;
    private int _count, _pending;

    private FaultProxy(WebApplication app, HttpClient cluster, TimeProvider clock, TokenBook? tokens, RequestRates? rates)
    {
        _app = app;
        _cluster = cluster;
        _clock = clock;
        _tokens = tokens;
        _rates = rates;
    }

    public Uri Uri => new(_app.Urls.First());

    /// <summary>What happens to each request; <see langword="null"/>: it goes through. Called once per request, in the order of arrival.</summary>
    public Func<ProxiedRequest, Fault?> Rule
    {
        get => Volatile.Read(ref _rule);
        set => Volatile.Write(ref _rule, value);
    }

    /// <summary>Requests so far, in the order of arrival.</summary>
    public IReadOnlyList<ProxiedRequest> Log => [.. _log];

    /// <summary>Whether a request, other than a watch, waits for its answer.</summary>
    public bool IsBusy => Volatile.Read(ref _pending) > 0;

    /// <summary>Whether the operator behind it has been cut off from the cluster for good, as by <c>kill -9</c>.</summary>
    public bool IsDead => _dead.IsCancellationRequested;

    public static Task<FaultProxy> StartAsync(SessionWorld world) => StartAsync(world.Cluster, world.Clock, world.Tokens, world.Rates);

    public static async Task<FaultProxy> StartAsync(TestCluster cluster, TimeProvider? clock = null, TokenBook? tokens = null, RequestRates? rates = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MinResponseDataRate = null;
        });
        var app = builder.Build();
        var proxy = new FaultProxy(app, CreateClusterClient(cluster), clock ?? TimeProvider.System, tokens, rates);
        app.Run(proxy.HandleAsync);
        await app.StartAsync();
        return proxy;
    }

    /// <summary>Rewrites a kubeconfig file so that it leads through this proxy.</summary>
    public async Task<string> KubeconfigAsync(InstalledTka tka, string serviceAccount)
    {
        var direct = await tka.KubeconfigForAsync(serviceAccount, Xunit.TestContext.Current.CancellationToken);
        var lines = (await File.ReadAllLinesAsync(direct, Xunit.TestContext.Current.CancellationToken))
            .Where(line => !line.Contains("certificate-authority-data", StringComparison.Ordinal) && !line.Contains("insecure-skip-tls-verify", StringComparison.Ordinal))
            .Select(line => line.Contains("server: ", StringComparison.Ordinal) ? $"    server: {Uri}" : line);
        var path = $"{direct}.{Uri.Port}";
        await File.WriteAllLinesAsync(path, lines, Xunit.TestContext.Current.CancellationToken);
        return path;
    }

    /// <summary>Cuts the operator off: nothing it sends from now on reaches the cluster, and no answer reaches it.</summary>
    public void Kill() => _dead.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _dead.CancelAsync();
        using (var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
        {
            await _app.StopAsync(soon.Token);
        }

        await _app.DisposeAsync();
        _cluster.Dispose();
        _dead.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (_dead.IsCancellationRequested)
        {
            context.Abort();
            return;
        }

        var counted = 0;
        using var body = new MemoryStream();
        using var lifetime = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _dead.Token);
        try
        {
            await context.Request.Body.CopyToAsync(body, lifetime.Token);
            ProxiedRequest request;
            Fault? fault;
            lock (_log)
            {
                request = new ProxiedRequest(++_count, context.Request.Method, context.Request.Path, context.Request.QueryString.Value ?? "", body.ToArray())
                {
                    TraceParent = context.Request.Headers["traceparent"],
                    Arrived = _clock.GetUtcNow(),
                };
                _log.Enqueue(request);
                _rates?.Add(this, request);
                fault = Rule(request);
            }

            Interlocked.Add(ref _pending, counted = request.IsWatch ? 0 : 1);
            await ServeAsync(context, request, fault ?? Fault.None, lifetime.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
        {
            context.Abort();
        }
        finally
        {
            Interlocked.Add(ref _pending, -counted);
        }
    }

    private async Task ServeAsync(HttpContext context, ProxiedRequest request, Fault fault, CancellationToken cancellationToken)
    {
        if (fault.Delay > TimeSpan.Zero)
        {
            await Task.Delay(fault.Delay, TimeProvider.System, cancellationToken);
        }

        if (fault.KillBefore)
        {
            Kill();
        }

        if (fault.AbortBefore || fault.KillBefore)
        {
            context.Abort();
            return;
        }

        if (fault.Status is { } status)
        {
            await AnswerAsync(context, status, fault);
            return;
        }

        using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Path.TrimStart('/') + request.Query);
        foreach (var header in new[] { "Authorization", "Accept", "traceparent" })
        {
            if (context.Request.Headers.TryGetValue(header, out var value))
            {
                message.Headers.TryAddWithoutValidation(header, value.ToString());
            }
        }

        if (request.Body.Length > 0)
        {
            message.Content = new ByteArrayContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        // Once forwarded, the cluster's answer is waited for also when the operator has hung up: it acts all the same.
        using var response = await _cluster.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, request.IsWatch ? cancellationToken : CancellationToken.None);
        if (_tokens is not null && TokenBook.Concerns(request.Method, request.Path) && response.IsSuccessStatusCode)
        {
            await response.Content.LoadIntoBufferAsync(CancellationToken.None);
            _tokens.Take(request.Path, request.Arrived, await response.Content.ReadAsByteArrayAsync(CancellationToken.None));
        }

        if (fault.KillAfter)
        {
            Kill();
        }

        if (fault.AbortAfter || fault.KillAfter)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.Headers.Date = _clock.GetUtcNow().ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        if (response.Headers.RetryAfter is { } retryAfter)
        {
            context.Response.Headers.RetryAfter = retryAfter.ToString();
        }

        await CopyAsync(await response.Content.ReadAsStreamAsync(cancellationToken), context.Response.Body, fault, cancellationToken);
        if (fault.CutAfterChunks is not null)
        {
            context.Abort();
        }
    }

    private static async Task CopyAsync(Stream from, Stream to, Fault fault, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var chunks = 0;
        await to.FlushAsync(cancellationToken);
        while (true)
        {
            if (chunks >= fault.CutAfterChunks)
            {
                return;
            }

            if (chunks >= fault.StallAfterChunks)
            {
                await Task.Delay(fault.StallFor, TimeProvider.System, cancellationToken);
                fault = fault with { StallAfterChunks = null };
            }

            var read = await from.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await to.FlushAsync(cancellationToken);
            chunks++;
        }
    }

    private Task AnswerAsync(HttpContext context, int status, Fault fault)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Date = _clock.GetUtcNow().ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        context.Response.ContentType = "application/json";
        if (fault.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var body = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["status"] = "Failure",
            ["message"] = "injected by the test",
            ["reason"] = fault.Reason,
            ["code"] = status,
        };
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private static HttpClient CreateClusterClient(TestCluster cluster) => new(new SocketsHttpHandler
    {
        EnableMultipleHttp2Connections = true,
        AutomaticDecompression = DecompressionMethods.None,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = Trust(cluster.Configuration.SslCaCerts),
        },
    })
    {
        BaseAddress = new Uri(cluster.Configuration.Host.TrimEnd('/') + "/"),
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestVersion = HttpVersion.Version20,
    };

    private static X509ChainPolicy Trust(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
