using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Problems;
using TKA.Api.Telemetry;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;

namespace TKA.Api.ClusterInformation;

/// <summary>
/// Endpoint and CA from a ConfigMap, as kubeadm publishes them in <c>kube-public/cluster-info</c>. Read on demand and kept
/// for a minute: the API's optional right is to get this one object, not to watch. The last good answer outlives failures.
/// </summary>
internal sealed class ConfigMapClusterInfo(
    ResourceClient<V1ConfigMap> configMaps,
    IOptions<ClusterInfoOptions> options,
    IOptions<ApiOptions> api,
    TimeProvider time,
    ILogger<ConfigMapClusterInfo> logger) : IClusterInfoSource, IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private ClusterInfo? _known;
    private long _readAt;

    public async ValueTask<ClusterInfo> GetAsync(CancellationToken cancellationToken)
    {
        if (_known is { } fresh && time.GetElapsedTime(_readAt) < Lifetime)
        {
            return fresh;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_known is not { } known || time.GetElapsedTime(_readAt) >= Lifetime)
            {
                known = await ReadAsync(cancellationToken);
            }

            return known;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private async Task<ClusterInfo> ReadAsync(CancellationToken cancellationToken)
    {
        var reference = options.Value.ConfigMapRef;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(api.Value.UpstreamTimeout);
        try
        {
            var map = await configMaps.GetAsync(reference.Name, deadline.Token);
            _known = ConfigMapReader.Read(map.Data ?? new Dictionary<string, string>(), reference.Keys, options.Value.Labels);
        }
        catch (Exception exception) when (exception is KubernetesRequestException or FormatException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Log.ConfigMapUnusable(logger, reference.Namespace, reference.Name, exception.Message);
            if (_known is null)
            {
                throw new ApiProblemException(exception is FormatException || exception is KubernetesRequestException { IsTransient: false }
                    ? ApiProblems.Misconfigured(Dependency.Kubernetes, "The ConfigMap with the cluster's endpoint cannot be used.")
                    : ApiProblems.Unavailable(Dependency.Kubernetes), exception);
            }
        }

        _readAt = time.GetTimestamp();
        return _known!;
    }
}
