using System.Text;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Api;
using TKA.DevEnvironment.Cluster;
using TKA.Kubernetes.Client;
using TKA.Operator;
using TKA.Operator.Tokens;
using TKA.ServiceDefaults.Management;
using TKA.Tests.Operator.Infrastructure;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// The whole of TKA in this process, as real parts over real sockets on free ports: cluster with deploy/ installed, tailnet,
/// operator and API, each under the rights of its own ServiceAccount, and on request Dapr. Faults are injected on the way
/// from the API to Kubernetes and to the operator.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "A stack of services, not of elements.")]
public sealed class TkaStack : IAsyncDisposable
{
    private readonly TkaStackOptions _options;
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-stack-").FullName;
    private readonly List<HttpClient> _clients = [];
    private readonly StackCredentials _credentials;
    private WebApplication? _api;
    private WebApplication? _operator;
    private JsonNode _openApi = new JsonObject();

    private TkaStack(TestCluster cluster, TestTailnet tailnet, TestDapr? dapr, TkaStackOptions options)
    {
        Cluster = cluster;
        Tailnet = tailnet;
        Dapr = dapr;
        _options = options;
        _credentials = new StackCredentials(_directory);
        KubernetesProxy = new FaultyProxy(new Uri(cluster.Configuration.Host));
        OperatorProxy = new FaultyProxy(new Uri("https://127.0.0.1:1"));
    }

    public TestCluster Cluster { get; }

    public TestTailnet Tailnet { get; }

    public TestDapr? Dapr { get; }

    /// <summary>What deploy/ made, with its namespaces.</summary>
    public InstalledTka Installed { get; private set; } = null!;

    /// <summary>The API's way to the cluster.</summary>
    public FaultyProxy KubernetesProxy { get; }

    /// <summary>The API's way to the operator's token service.</summary>
    public FaultyProxy OperatorProxy { get; }

    /// <summary>The API's requests to Kubernetes.</summary>
    public RequestRecorder ApiRequests { get; } = new();

    /// <summary>The operator's requests to Kubernetes.</summary>
    public RequestRecorder OperatorRequests { get; } = new();

    /// <summary>What the API logged.</summary>
    public LogCollector ApiLogs { get; } = new();

    /// <summary>What the API logged as errors; a failing readiness check while it starts is none.</summary>
    public IEnumerable<LogLine> ApiErrors =>
        ApiLogs.Lines.Where(line => line.Level >= LogLevel.Error && !line.Category.Contains("HealthChecks", StringComparison.Ordinal));

    /// <summary>What the operator logged.</summary>
    public LogCollector OperatorLogs { get; } = new();

    /// <summary>What embedded clusters logged, of all stacks of the run.</summary>
    public static LogCollector ClusterLogs { get; } = new();

    public WebApplication Api => _api ?? throw new InvalidOperationException("The API is stopped.");

    public WebApplication Operator => _operator ?? throw new InvalidOperationException("The operator is stopped.");

    /// <summary>Whether the API listens, ready or not.</summary>
    public bool IsApiListening { get; private set; }

    /// <summary>Base address of the API.</summary>
    public Uri ApiUri { get; private set; } = null!;

    /// <summary>Base address of the API's health and metrics.</summary>
    public Uri ApiManagementUri => Api.Services.GetRequiredService<ManagementListener>().Uri;

    /// <summary>Starts everything and returns when the API and the operator are ready.</summary>
    public static async Task<TkaStack> StartAsync(CancellationToken cancellationToken, TkaStackOptions? options = null)
    {
        options ??= new TkaStackOptions();
        var time = options.Time ?? TimeProvider.System;
        var cluster = await TestCluster.StartAsync(new EmbeddedClusterOptions { TimeProvider = time, ConfigureLogging = logging => logging.AddProvider(ClusterLogs) }, cancellationToken);
        var tailnet = await TestTailnet.StartAsync(cancellationToken, options.Policy, time, options.CertificateLifetime);
        var dapr = options.Dapr ? await TestDapr.StartAsync(cancellationToken, time) : null;
        var stack = new TkaStack(cluster, tailnet, dapr, options);
        try
        {
            await stack.InstallAsync(cancellationToken);
            if (options.Operator)
            {
                await stack.StartOperatorAsync(cancellationToken);
            }

            await stack.StartApiAsync(cancellationToken);
            return stack;
        }
        catch (Exception exception)
        {
            await stack.DisposeAsync();
            throw new InvalidOperationException($"The stack did not start: {exception.Message} {string.Join('\n', ClusterLogs.Lines.Concat(stack.OperatorLogs.Lines).Concat(stack.ApiLogs.Lines).Where(line => line.Level >= LogLevel.Warning).Select(line => $"{line.Message} {line.Exception}"))}", exception);
        }
    }

    /// <summary>
    /// A client of the API, from the device at a loopback address of the tailnet. Every answer is compared with the OpenAPI
    /// document.
    /// </summary>
    public HttpClient From(string source)
    {
        var client = new HttpClient(new OpenApiConformance(_openApi) { InnerHandler = HandlerFrom(source) })
        {
            BaseAddress = ApiUri,
            Timeout = TimeSpan.FromSeconds(60),
        };
        _clients.Add(client);
        return client;
    }

    private SocketsHttpHandler HandlerFrom(string source) =>
        ApiUri.Scheme == Uri.UriSchemeHttps ? Tailnet.TrustingHandlerFrom(source) : TestTailnet.HandlerFrom(source);

    /// <summary>Starts the API (again); ready on return.</summary>
    public async Task StartApiAsync(CancellationToken cancellationToken)
    {
        _api = ApiApplication.Create([], ConfigureApi);
        IsApiListening = false;
        await _api.StartAsync(cancellationToken);
        IsApiListening = true;
        var management = ApiManagementUri;
        ApiUri = _api.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address)).Single(uri => uri.Port != management.Port);
        if (ApiUri.Scheme == Uri.UriSchemeHttps)
        {
            // The certificate's name; it leads to loopback.
            ApiUri = new Uri($"https://{Tailnet.Embedded.DnsName}:{ApiUri.Port}");
        }

        await Readiness.WaitForAsync(management, cancellationToken);
        using var http = new HttpClient(HandlerFrom("127.0.0.1")) { BaseAddress = ApiUri };
        _openApi = JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json", cancellationToken))!;
    }

    /// <summary>Stops the API in an orderly way.</summary>
    public async Task StopApiAsync()
    {
        if (_api is { } api)
        {
            _api = null;
            IsApiListening = false;
            await api.StopAsync();
            await api.DisposeAsync();
        }
    }

    /// <summary>Starts the operator (again); ready on return.</summary>
    public async Task StartOperatorAsync(CancellationToken cancellationToken)
    {
        _operator = OperatorApplication.Create([], ConfigureOperator);
        await _operator.StartAsync(cancellationToken);
        OperatorProxy.Target = _operator.Services.GetRequiredService<TokenServiceListener>().Uri;
        OperatorProxy.Resume();
        await Readiness.WaitForAsync(_operator.Services.GetRequiredService<ManagementListener>().Uri, cancellationToken);
        var ca = await Cluster.Admin.CoreV1.ReadNamespacedConfigMapAsync("tka-operator-ca", Installed.SystemNamespace, cancellationToken: cancellationToken);
        await File.WriteAllTextAsync(_credentials.CaFile, ca.Data["ca.crt"], cancellationToken);
    }

    /// <summary>Stops the operator; its token service refuses connections then.</summary>
    public async Task StopOperatorAsync()
    {
        if (_operator is { } running)
        {
            _operator = null;
            OperatorProxy.Refuse();
            await running.StopAsync();
            await running.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await StopApiAsync();
        await StopOperatorAsync();
        await OperatorProxy.DisposeAsync();
        await KubernetesProxy.DisposeAsync();
        if (Dapr is not null)
        {
            await Dapr.DisposeAsync();
        }

        await Tailnet.DisposeAsync();
        await Cluster.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>The API's settings, beside how to reach the tailnet.</summary>
    public IReadOnlyDictionary<string, string?> ApiConfiguration
    {
        get
        {
            var ca = string.Join('\n', (Cluster.Configuration.SslCaCerts ?? []).Select(certificate => certificate.ExportCertificatePem()));
            var settings = new Dictionary<string, string?>
            {
                ["management:port"] = "0",
                ["kubernetes:kubeconfig"] = _credentials.ApiKubeconfig,
                ["operator:namespace"] = Installed.SessionsNamespace,
                ["operator:clusterName"] = "test",
                ["operator:tokenService:url"] = OperatorProxy.Uri.ToString(),
                ["operator:tokenService:caFile"] = _credentials.CaFile,
                ["operator:tokenService:tokenFile"] = _credentials.TokenFile,
                ["clusterInfo:apiEndpoint"] = Cluster.Configuration.Host.TrimEnd('/'),
                ["clusterInfo:caData"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(ca)),
                ["clusterInfo:labels:environment"] = "test",
                ["api:rateLimit:permitsPerMinute"] = "0",
            };
            foreach (var (key, value) in _options.ApiSettings)
            {
                settings[key] = value;
            }

            return settings;
        }
    }

    /// <summary>Gives the running API new credentials, in the files that it reads them from.</summary>
    public Task RenewApiCredentialsAsync(CancellationToken cancellationToken) => _credentials.WriteForApiAsync(Installed, KubernetesProxy.Uri, cancellationToken);

    /// <summary>Gives the running operator new credentials, in the file that it reads them from.</summary>
    public Task RenewOperatorCredentialsAsync(CancellationToken cancellationToken) => _credentials.RenewForOperatorAsync(Installed, cancellationToken);

    private async Task InstallAsync(CancellationToken cancellationToken)
    {
        Installed = await Cluster.InstallTkaAsync(cancellationToken);
        await _credentials.WriteAsync(Installed, KubernetesProxy.Uri, cancellationToken);
    }

    private void ConfigureApi(WebApplicationBuilder builder)
    {
        Tailnet.Configure(builder);
        builder.Configuration.AddInMemoryCollection(ApiConfiguration);
        Prepare(builder, ApiRequests);
        builder.Logging.AddProvider(ApiLogs);
        _options.ConfigureApi?.Invoke(builder);
    }

    private void ConfigureOperator(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["management:port"] = "0",
            ["kubernetes:kubeconfig"] = _credentials.OperatorKubeconfig,
            ["operator:namespace"] = Installed.SessionsNamespace,
            ["operator:systemNamespace"] = Installed.SystemNamespace,
            ["operator:tokenService:address"] = "127.0.0.1",
            ["operator:tokenService:port"] = "0",
            ["operator:tokenService:burst"] = "1000",
            ["operator:tokenService:perMinute"] = "60000",
            ["DAPR_GRPC_ENDPOINT"] = Dapr?.GrpcEndpoint.ToString(),
        });
        builder.Configuration.AddInMemoryCollection(_options.OperatorSettings);
        Prepare(builder, OperatorRequests);
        builder.Logging.AddProvider(OperatorLogs);
        builder.Services.AddSingleton(Installed.LeavingNames());
        _options.ConfigureOperator?.Invoke(builder);
    }

    private void Prepare(WebApplicationBuilder builder, RequestRecorder recorder)
    {
        builder.Logging.ClearProviders();
        builder.Services.Configure<KubernetesClientOptions>(options => options.Handlers.Add(recorder.CreateHandler));
        if (_options.Time is { } time)
        {
            builder.Services.AddSingleton(time);
            builder.Services.Configure<KubernetesClientOptions>(options => options.Handlers.Add(() => new ClusterDate(time)));
        }
    }
}
