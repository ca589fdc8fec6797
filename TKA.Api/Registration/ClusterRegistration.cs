using System.Net.Sockets;
using System.Text.Json;
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
/// Asks the orchestrator to look at this cluster and to list it, renews that with a heartbeat, and says so when this API stops. The
/// orchestrator asks this API back, so what is listed is what <c>/cluster-info</c> says.
/// </summary>
internal sealed class ClusterRegistration : BackgroundService
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    private readonly RegistrationOptions _options;
    private readonly TailscaleOptions _tailscale;
    private readonly ClusterDescription _description;
    private readonly ILocalApiClient _localApi;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<ClusterRegistration> _logger;
    private readonly HttpClient _http;
    private readonly Uri _url;
    private string? _registeredName;
    private bool _signsIn;

    public ClusterRegistration(
        IOptions<RegistrationOptions> options,
        IOptions<TailscaleOptions> tailscale,
        ClusterDescription description,
        ILocalApiClient localApi,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        ILogger<ClusterRegistration> logger)
    {
        _options = options.Value;
        _tailscale = tailscale.Value;
        _description = description;
        _localApi = localApi;
        _time = time;
        _lifetime = lifetime;
        _logger = logger;
        _url = new Uri(new Uri(_options.Url), ApiRoutes.Clusters);
        _http = new HttpClient(OrchestratorConnection.CreateHandler(_options, localApi)) { Timeout = RequestTimeout };
    }

    /// <summary>Why this cluster is not listed, or what is wrong with its listing; <see langword="null"/>: nothing.</summary>
    public string? Problem { get; private set; } = "This cluster has not been registered yet.";

    /// <summary>Stops the heartbeat and tells the orchestrator. The web server has stopped by then, so the orchestrator finds it silent.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_registeredName is not { } name)
        {
            return;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(GoodbyeTimeout);
        try
        {
            using var response = await _http.DeleteAsync(new Uri($"{_url}/{name}"), deadline.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            // The lease ends by itself.
            Log.RegistrationFailed(_logger, _url, exception.Message, _options.Heartbeat);
        }
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_options.Proxy.Length > 0)
        {
            Log.ProxyInUse(_logger, _options.Proxy);
        }

        // The orchestrator asks this API back, which listens only when all has started, and no longer when the application stops.
        using var serving = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _lifetime.ApplicationStopping);
        await StartedAsync(serving.Token);
        var retry = FirstRetry;
        while (!serving.IsCancellationRequested)
        {
            var before = Problem;
            var registered = await AnnounceAsync(serving.Token);
            if (serving.IsCancellationRequested)
            {
                return;
            }

            if (Problem is { } problem && problem != before)
            {
                Log.RegistrationFailed(_logger, _url, problem, _options.Heartbeat);
            }
            else if (Problem is null && before is not null)
            {
                Log.Registered(_logger, _url);
            }

            // One that was registered while it starts says soon that people can sign in.
            var settled = registered && _signsIn;
            retry = settled ? FirstRetry : Min(retry * 2, _options.Heartbeat);
            await Task.Delay(WithJitter(settled ? _options.Heartbeat : retry), _time, serving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = _lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Announces once.</summary>
    /// <returns>Whether this cluster is registered now.</returns>
    private async Task<bool> AnnounceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var cluster = await DescribeAsync(cancellationToken);
            using var response = await _http.PostAsJsonAsync(_url, cluster, ContractsJsonContext.Default.Cluster, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                var stored = await ReadAsync(response, ContractsJsonContext.Default.Cluster, cancellationToken);
                _registeredName = cluster.Name;
                _signsIn = cluster.SignsIn is true;
                Problem = stored?.Conflict;
                return true;
            }

            var problem = await ReadAsync(response, ContractsJsonContext.Default.Problem, cancellationToken);
            Problem = $"The orchestrator answered {(int)response.StatusCode}{(problem is null ? "." : $": {problem.Message}")}";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or LocalApiException or ApiProblemException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Problem = $"The orchestrator cannot be reached: {exception.Message}";
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }

        return false;
    }

    private async Task<Cluster> DescribeAsync(CancellationToken cancellationToken)
    {
        var info = await _description.GetAsync(cancellationToken);
        return new Cluster
        {
            Name = info.Name!,
            ApiEndpoint = info.ServerUrl,
            TkaEndpoint = _options.TkaEndpoint.Length > 0 ? _options.TkaEndpoint : await OwnUrlAsync(cancellationToken),
            Description = info.Description ?? "",
            Labels = info.Labels,
            Version = info.Version!,
            KubernetesVersion = info.KubernetesVersion,
            SignsIn = info.SignsIn,
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

    private static async Task<T?> ReadAsync<T>(
        HttpResponseMessage response, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Up to a tenth less, so that clusters that were started together do not beat together.</summary>
    private static TimeSpan WithJitter(TimeSpan time) => time * (1 - (Random.Shared.NextDouble() / 10));

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
