using k8s;
using k8s.Autorest;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Api.Hosting;
using TKA.Kubernetes.Client;
using TKA.ServiceDefaults.Health;

namespace TKA.Api.ClusterInformation;

/// <summary>
/// What changes about the cluster by itself: the version of Kubernetes, and whether people can sign in. Asked at most every 10 s; every
/// second while people cannot sign in, which is so for a moment after each start.
/// </summary>
internal sealed class ClusterState(KubernetesTransport transport, HealthCheckService health, TimeProvider time)
{
    /// <summary>The longest that a caller waits; what was known before is answered then.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FreshnessUnready = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task _refresh = Task.CompletedTask;
    private DateTimeOffset _asked = DateTimeOffset.MinValue;
    private volatile State _last = new(null, null);

    /// <summary>The state, from the last 10 s where Kubernetes answers.</summary>
    public async ValueTask<State> GetAsync(CancellationToken cancellationToken)
    {
        Task refresh;
        lock (_gate)
        {
            if (_refresh.IsCompleted && time.GetUtcNow() - _asked >= (_last.SignsIn is true ? Freshness : FreshnessUnready))
            {
                _asked = time.GetUtcNow();
                _refresh = RefreshAsync();
            }

            refresh = _refresh;
        }

        try
        {
            await refresh.WaitAsync(Limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The refresh goes on, for the next caller.
        }

        return _last;
    }

    private async Task RefreshAsync()
    {
        var report = await health.CheckHealthAsync(check => check.Tags.Contains(HealthTags.Ready));
        var version = _last.KubernetesVersion;
        try
        {
            version = (await transport.Client.Version.GetCodeAsync()).GitVersion;
        }
        catch (Exception exception) when (exception is HttpRequestException or HttpOperationException or OperationCanceledException or IOException or System.Text.Json.JsonException
            or System.Net.Sockets.SocketException or KubernetesRequestException or ObjectDisposedException)
        {
            // The version that was known stays; the checks say that the API server is away. A client is disposed when the connection is made anew.
        }

        // Without the operator there are no tokens, without the cluster no sessions.
        _last = new State(version, report.Status != HealthStatus.Unhealthy && report.Entries.All(check =>
            !check.Value.Data.ContainsKey(SessionsHealthCheck.BlocksSignIn) && (check.Key != "operator" || check.Value.Status == HealthStatus.Healthy)));
    }

    /// <summary>A state.</summary>
    /// <param name="KubernetesVersion">Version of Kubernetes; <see langword="null"/>: not known yet.</param>
    /// <param name="SignsIn">Whether people can sign in; <see langword="null"/>: not known yet.</param>
    internal sealed record State(string? KubernetesVersion, bool? SignsIn);
}
