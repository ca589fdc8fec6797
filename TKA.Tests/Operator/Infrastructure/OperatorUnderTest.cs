using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TKA.Contracts;
using TKA.Contracts.Operator;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator;
using TKA.Operator.Sessions;
using TKA.Operator.Tokens;
using TKA.Operator.Tokens.Certificates;
using TKA.ServiceDefaults.Management;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>A running operator, under its own ServiceAccount's rights, against a test cluster.</summary>
internal sealed class OperatorUnderTest : IAsyncDisposable
{
    private readonly SessionWorld _world;
    private readonly AppMetrics _metrics;
    private HttpClient? _http;

    private OperatorUnderTest(SessionWorld world, WebApplication app, AppMetrics metrics)
    {
        _world = world;
        _metrics = metrics;
        App = app;
    }

    public WebApplication App { get; }

    public SessionLeader Leadership => App.Services.GetRequiredService<SessionLeader>();

    public IResourceCache<TkaSignin> Signins => App.Services.GetRequiredService<IResourceCache<TkaSignin>>();

    public Uri Management => App.Services.GetRequiredService<ManagementListener>().Uri;

    /// <summary>Starts an operator and returns when it leads and has looked at everything once.</summary>
    public static async Task<OperatorUnderTest> StartAsync(SessionWorld world, OperatorSetup? setup = null)
    {
        var started = await StartWithoutWaitingAsync(world, setup);
        var since = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(
            () =>
            {
                // It leads at once, at a clock that stands still, unless an earlier one has left its lease: that must run out.
                if (TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(5))
                {
                    world.Time.Advance(TimeSpan.FromMilliseconds(200));
                }

                return started.Leadership.IsLeading;
            },
            "the operator leads");
        return started;
    }

    /// <summary>Starts an operator.</summary>
    public static async Task<OperatorUnderTest> StartWithoutWaitingAsync(SessionWorld world, OperatorSetup? setup = null)
    {
        setup ??= new OperatorSetup();
        var tka = world.Tka;
        var kubeconfig = setup.Proxy is { } proxy ? await proxy.KubeconfigAsync(tka, "tka-operator") : await tka.KubeconfigForAsync("tka-operator", TestContext.Current.CancellationToken);
        var app = OperatorApplication.Create([], builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["kubernetes:kubeconfig"] = kubeconfig,
                ["operator:namespace"] = tka.SessionsNamespace,
                ["operator:systemNamespace"] = tka.SystemNamespace,
                ["operator:tokenService:address"] = "127.0.0.1",
                ["operator:tokenService:port"] = "0",
                ["management:port"] = "0",
            });
            builder.Configuration.AddInMemoryCollection(setup.Configuration);
            builder.Logging.ClearProviders();
            if (setup.Output is { } output)
            {
                builder.Logging.AddProvider(new OutputLoggerProvider(output));
            }

            builder.Services.AddSingleton(setup.Clock ?? world.Time);
            if (setup is { Proxy: null, KeepDate: false })
            {
                // What a proxy does on the wire.
                var component = new object();
                builder.Services.Configure<KubernetesClientOptions>(options =>
                {
                    options.Handlers.Add(() => new ClusterDate(world.Clock));
                    options.Handlers.Add(() => new TokenBook.Recorder(world.Tokens));
                    options.Handlers.Add(() => new RequestRates.Recorder(world.Rates, component));
                });
            }

            builder.Services.AddSingleton(setup.Informers);
            builder.Services.AddSingleton(tka.LeavingNames());
            builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
            setup.Services?.Invoke(builder.Services);
        });
        var metrics = new AppMetrics(app.Services.GetRequiredService<IMeterFactory>());
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new OperatorUnderTest(world, app, metrics);
    }

    /// <summary>Asks for a token as TKA's API does: over TLS that trusts the published CA, with a token of audience <c>tka-operator</c>.</summary>
    public async Task<HttpResponseMessage> RequestTokenAsync(TkaSignin signin, string? username = null, string serviceAccount = "tka-api", string? bearer = null)
    {
        var http = _http ??= await CreateHttpClientAsync();
        bearer ??= await AudienceTokenAsync(serviceAccount);
        using var request = new HttpRequestMessage(HttpMethod.Post, OperatorRoutes.ForSession(signin.Metadata.Name));
        request.Headers.Authorization = bearer.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", bearer);
        request.Content = JsonContent.Create(
            new SessionTokenRequest { Uid = signin.Metadata.Uid, Username = username ?? signin.Spec.Username },
            ContractsJsonContext.Default.SessionTokenRequest);
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>A token for a session.</summary>
    public async Task<SessionToken> TokenAsync(TkaSignin signin)
    {
        using var response = await RequestTokenAsync(signin);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} {body}");
        return System.Text.Json.JsonSerializer.Deserialize(body, ContractsJsonContext.Default.SessionToken)!;
    }

    public async Task<string> AudienceTokenAsync(string serviceAccount, string audience = OperatorRoutes.Audience)
    {
        var issued = await _world.Tka.Cluster.Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = [audience], ExpirationSeconds = 3600 } },
            serviceAccount,
            _world.Tka.SystemNamespace,
            cancellationToken: TestContext.Current.CancellationToken);
        return issued.Status.Token;
    }

    public async Task<HttpClient> CreateHttpClientAsync()
    {
        await Eventually.TrueAsync(
            () =>
            {
                _world.Tick();
                return App.Services.GetRequiredService<ServerCertificate>().Current is not null;
            },
            "the token service has a certificate");
        var published = await _world.Tka.Cluster.Admin.CoreV1.ReadNamespacedConfigMapAsync(
            CertificateManager.ConfigMapName, _world.Tka.SystemNamespace, cancellationToken: TestContext.Current.CancellationToken);
        return TrustingHttpClient.Create(published.Data["ca.crt"], App.Services.GetRequiredService<TokenServiceListener>().Uri);
    }

    /// <summary>The value of a metric of this operator.</summary>
    public double Metric(string name) => _metrics.Value(name);

    /// <summary>What the readiness probe says, check by check.</summary>
    public async Task<string> ReadinessAsync()
    {
        using var http = new HttpClient { BaseAddress = Management };
        using var response = await http.GetAsync("/readyz?verbose", TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode}\n{await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    /// <summary>Stops it in order: work is finished, the lease released.</summary>
    public async Task StopAsync() => await App.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        _metrics.Dispose();
    }
}

/// <summary>What differs from the defaults.</summary>
internal sealed record OperatorSetup
{
    public Dictionary<string, string?> Configuration { get; init; } = [];

    /// <summary>The way to the cluster.</summary>
    public FaultProxy? Proxy { get; init; }

    /// <summary>Whether the cluster's answers keep their own date, and the test its tokens out of the book.</summary>
    public bool KeepDate { get; init; }

    /// <summary>The operator's own clock, if it is not the world's.</summary>
    public TimeProvider? Clock { get; init; }

    public Action<IServiceCollection>? Services { get; init; }

    public ResourceInformerOptions Informers { get; init; } = new();

    public ITestOutputHelper? Output { get; init; }
}
