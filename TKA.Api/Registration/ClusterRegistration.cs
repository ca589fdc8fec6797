using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using TKA.Api.ClusterInformation;
using TKA.Api.Configuration;
using TKA.Api.Problems;
using TKA.Api.Telemetry;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Tailscale;
using TKA.Tailscale.LocalApi;

namespace TKA.Api.Registration;

/// <summary>
/// Announces this cluster to the orchestrator and renews the announcement. A registration is a lease, so nothing is taken
/// back when the API stops: a restart is no change of clusters.
/// </summary>
internal sealed class ClusterRegistration : BackgroundService
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    private readonly OrchestratorOptions _options;
    private readonly OperatorOptions _names;
    private readonly TailscaleOptions _tailscale;
    private readonly IClusterInfoSource _clusterInfo;
    private readonly ILocalApiClient _localApi;
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterRegistration> _logger;
    private readonly HttpClient _http;
    private readonly Uri _url;

    public ClusterRegistration(
        IOptions<OrchestratorOptions> options,
        IOptions<OperatorOptions> names,
        IOptions<TailscaleOptions> tailscale,
        IClusterInfoSource clusterInfo,
        ILocalApiClient localApi,
        TimeProvider time,
        ILogger<ClusterRegistration> logger)
    {
        _options = options.Value;
        _names = names.Value;
        _tailscale = tailscale.Value;
        _clusterInfo = clusterInfo;
        _localApi = localApi;
        _time = time;
        _logger = logger;
        _url = new Uri(new Uri(_options.Url), ApiRoutes.Clusters);
        _http = new HttpClient(CreateHandler(_options)) { Timeout = RequestTimeout };
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var registered = false;
        var retry = FirstRetry;
        while (!stoppingToken.IsCancellationRequested)
        {
            var problem = await AnnounceAsync(stoppingToken);
            if (problem is null)
            {
                if (!registered)
                {
                    Log.Registered(_logger, _url);
                }

                registered = true;
                retry = FirstRetry;
            }
            else if (registered || retry == FirstRetry)
            {
                Log.RegistrationFailed(_logger, _url, problem, _options.Heartbeat);
                registered = false;
            }

            var wait = problem is null || retry >= _options.Heartbeat ? _options.Heartbeat : retry;
            retry = problem is null ? FirstRetry : retry * 2;
            await Task.Delay(wait, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Announces once.</summary>
    /// <returns>What went wrong; <see langword="null"/> when nothing did.</returns>
    private async Task<string?> AnnounceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var cluster = await DescribeAsync(cancellationToken);
            using var response = await _http.PostAsJsonAsync(_url, cluster, ContractsJsonContext.Default.Cluster, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return null;
            }

            var problem = await ReadProblemAsync(response, cancellationToken);
            return $"it answered {(int)response.StatusCode}{(problem is null ? "." : $": {problem.Message}")}";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or LocalApiException or ApiProblemException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return exception.Message;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<Cluster> DescribeAsync(CancellationToken cancellationToken)
    {
        var info = await _clusterInfo.GetAsync(cancellationToken);
        return new Cluster
        {
            Name = _names.ClusterName,
            ApiEndpoint = info.ServerUrl,
            TkaEndpoint = _options.TkaEndpoint.Length > 0 ? _options.TkaEndpoint : await OwnUrlAsync(cancellationToken),
            Description = _options.Description,
            Labels = info.Labels,
            Version = ApiVersion.Text,
        };
    }

    /// <summary>The URL as the CLI builds it: https on 443, http elsewhere unless TLS is on.</summary>
    private async Task<string> OwnUrlAsync(CancellationToken cancellationToken)
    {
        var host = _tailscale.Tailnet.Length > 0
            ? $"{_tailscale.Hostname}.{_tailscale.Tailnet}"
            : (await _localApi.StatusAsync(peers: false, cancellationToken)).Self?.DNSName.TrimEnd('.') ?? _tailscale.Hostname;
        var scheme = _tailscale.ServesTls ? "https" : "http";
        return _tailscale.Port == 443 ? $"{scheme}://{host}" : $"{scheme}://{host}:{_tailscale.Port}";
    }

    private static async Task<Problem?> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.Problem, cancellationToken);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private static SocketsHttpHandler CreateHandler(OrchestratorOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            UseProxy = options.Proxy.Length > 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (options.Proxy.Length > 0)
        {
            handler.Proxy = new WebProxy(options.Proxy);
        }

        if (options.SourceAddress.Length > 0)
        {
            var source = IPAddress.Parse(options.SourceAddress);
            handler.ConnectCallback = (context, token) => ConnectFromAsync(source, context.DnsEndPoint, token);
        }

        return handler;
    }

    private static async ValueTask<Stream> ConnectFromAsync(IPAddress source, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var socket = new Socket(source.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(target, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
