using k8s;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TKA.Kubernetes.Client;

namespace TKA.Kubernetes.Caching;

/// <summary>
/// Keeps a cache current: lists once, then watches from there; resumes from the last version when a watch ends; lists again
/// only when the server no longer has that version (410), and then reports what vanished meanwhile.
/// </summary>
/// <typeparam name="T">Type of the objects.</typeparam>
public sealed class ResourceInformer<T> : BackgroundService, IInformer
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ResourceClient<T> _client;
    private readonly ResourceInformerOptions _options;
    private readonly ResourceStore<T> _store = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JitteredBackoff _backoff;
    private string? _resourceVersion;
    private int _events;

    /// <summary>Creates an informer; it works while the host runs it.</summary>
    public ResourceInformer(ResourceClient<T> client, ResourceInformerOptions options, TimeProvider time, ILogger<ResourceInformer<T>> logger)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        _client = client;
        _options = options;
        _time = time;
        _logger = logger;
        _backoff = new JitteredBackoff(options.InitialBackoff, options.MaxBackoff);
    }

    /// <summary>What the informer knows.</summary>
    public IResourceCache<T> Cache => _store;

    /// <inheritdoc/>
    public string Resource => _client.Resource;

    /// <inheritdoc/>
    public bool HasSynced => _store.HasSynced;

    /// <inheritdoc/>
    public KubernetesRequestException? LastError { get; private set; }

    /// <inheritdoc/>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _store.WaitForSyncAsync(cancellationToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Let the host start the others: a synchronous first request would hold them up.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_resourceVersion is null)
                {
                    await ListAsync(stoppingToken);
                }

                await WatchAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (KubernetesRequestException exception)
            {
                await RecoverAsync(exception, stoppingToken);
            }
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var list = await _client.ListAsync(_options.LabelSelector, cancellationToken);
        _client.Metrics.Listed(Resource);
        foreach (var item in list.Items)
        {
            ObjectTrimmer.Trim(item);
        }

        if (_store.Replace(list.Items, list.Metadata.ResourceVersion))
        {
            _client.Metrics.Restored(Resource);
            Log.Restored(_logger, Resource, list.Metadata.ResourceVersion);
        }

        _resourceVersion = list.Metadata.ResourceVersion;
        LastError = null;
        Log.Listed(_logger, Resource, list.Items.Count, _resourceVersion);
    }

    /// <summary>Ends a silent watch. A timer of another clock than the system's may still call when the watch has just ended.</summary>
    private static void End(CancellationTokenSource watch)
    {
        try
        {
            watch.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The watch has ended.
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await using var watchdog = _time.CreateTimer(static state => End((CancellationTokenSource)state!), silence, _options.SilenceLimit, Timeout.InfiniteTimeSpan);
        var timeout = _options.WatchTimeout * (1 + Random.Shared.NextDouble());
        var opened = _time.GetTimestamp();
        _events = 0;
        try
        {
            _client.Metrics.WatchOpened(Resource);
            await foreach (var change in _client.WatchAsync(_resourceVersion!, _options.LabelSelector, timeout, () => LastError = null, silence.Token))
            {
                watchdog.Change(_options.SilenceLimit, Timeout.InfiniteTimeSpan);
                _events++;
                if (!Take(change))
                {
                    _resourceVersion = null;
                    return;
                }

                _backoff.Reset();
            }
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            Log.WatchSilent(_logger, Resource, _options.SilenceLimit);
            return;
        }

        // A proxy that ends every watch at once must not make this loop spin.
        if (_events == 0 && _time.GetElapsedTime(opened) < TimeSpan.FromSeconds(1))
        {
            await Task.Delay(_backoff.Next(), _time, stoppingToken);
        }
    }

    /// <returns>Whether it came in order; otherwise the cluster's state was restored to an earlier one.</returns>
    private bool Take(WatchEvent<T> change)
    {
        _resourceVersion = change.Resource.Metadata.ResourceVersion;
        switch (change.Type)
        {
            case ResourceEventType.Added or ResourceEventType.Modified:
                ObjectTrimmer.Trim(change.Resource);
                return _store.Upsert(change.Resource);
            case ResourceEventType.Deleted:
                return _store.Remove(change.Resource);
            default:
                return _store.Advance(_resourceVersion);
        }
    }

    private async Task RecoverAsync(KubernetesRequestException error, CancellationToken stoppingToken)
    {
        if (error.Causes.Contains("ResourceVersionTooLarge"))
        {
            // The server's state is older than what it told before: only a new list tells what there is now.
            _resourceVersion = null;
        }

        if (error.Error == KubernetesError.Gone)
        {
            Log.ListingAgain(_logger, Resource, _resourceVersion);
            _resourceVersion = null;
            if (_backoff.Failures == 0)
            {
                _backoff.Next();
                return;
            }
        }

        LastError = error;
        var delay = _backoff.Next(error.RetryAfter);
        if (error.IsUnanswered && delay > _options.MaxBackoffUnanswered)
        {
            delay = _options.MaxBackoffUnanswered * (0.75 + (Random.Shared.NextDouble() / 4));
        }

        if (_events > 0 && error.RetryAfter is null)
        {
            // The connection broke, and that says nothing against the next one. Only that has to wait if it fails too.
            _events = 0;
            delay = TimeSpan.Zero;
        }

        Log.Failed(_logger, Resource, delay, error.Message);
        try
        {
            await Task.Delay(delay, _time, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The loop ends on the same token.
        }
    }
}
