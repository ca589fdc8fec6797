using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Runtime.Rate;
using TKA.Operator.Telemetry;

namespace TKA.Operator.Sessions.Events;

/// <summary>
/// Writes Events on TkaSignins, behind the work and at a bounded rate: an Event informs people and must not hold up a
/// session or its end. What repeats is counted: before it is written in the backlog, and for some minutes on the Event that exists.
/// </summary>
internal sealed class EventRecorder : BackgroundService
{
    // Some 2 MB. While sessions are being worked on they take three minutes to be written, which is late enough for what informs people.
    // client-go's broadcaster keeps 1,000.
    private const int Capacity = 2_000;
    private const int RememberedEvents = 4096;

    // While sessions are being worked on, an Event takes as much of the rate as this many do when all is quiet.
    private const int CostWhileBusy = 5;

    private static readonly TimeSpan CountWithin = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly ResourceClient<Corev1Event> _events;
    private readonly OperatorMetrics _metrics;
    private readonly ClusterTime _time;
    private readonly ILogger _logger;
    private readonly bool _enabled;

    // Real time, also under a fake clock: both protect the API server. As much as a kubelet takes for its Events.
    private readonly TokenBucket _rate = new(TimeProvider.System, perSecond: 50, burst: 100);
    private readonly EventBacklog _backlog = new(TimeProvider.System, Capacity);
    private readonly Dictionary<EventKey, WrittenEvent> _written = [];

    public EventRecorder(ResourceClient<Corev1Event> events, IOptions<OperatorOptions> options, OperatorMetrics metrics, ClusterTime time, ILogger<EventRecorder> logger)
    {
        _events = events;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _enabled = options.Value.Events;
    }

    /// <summary>Records that something went as it should.</summary>
    public void Normal(TkaSignin signin, string reason, string message) => Record(signin, "Normal", reason, message);

    /// <summary>Records that something needs attention.</summary>
    public void Warning(TkaSignin signin, string reason, string message) => Record(signin, "Warning", reason, message);

    /// <summary>Events that are not written yet.</summary>
    public int Pending => _backlog.Count;

    public override void Dispose()
    {
        _backlog.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _backlog.WaitAsync(stoppingToken);
                await WriteNextAsync(_backlog.IsQuiet ? 1 : CostWhileBusy, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FlushAsync();
        }
    }

    /// <summary>The last Events of a stopping operator, as far as they can be written in a moment.</summary>
    private async Task FlushAsync()
    {
        using var deadline = new CancellationTokenSource(FlushTimeout, TimeProvider.System);
        try
        {
            while (_backlog.Count > 0)
            {
                _backlog.Hasten();
                while (await WriteNextAsync(cost: 1, deadline.Token))
                {
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The deadline has passed: what is left is not written, since the process ends.
        }
    }

    /// <returns>Whether there was anything due.</returns>
    private async Task<bool> WriteNextAsync(int cost, CancellationToken cancellationToken)
    {
        await Task.Delay(_rate.Reserve(cost), TimeProvider.System, cancellationToken);
        if (!_backlog.TryTake(out var pending))
        {
            return false;
        }

        try
        {
            await WriteAsync(pending, cancellationToken);
        }
        catch (KubernetesRequestException exception)
        {
            _metrics.EventDropped();
            Log.EventDropped(_logger, pending.Reason, pending.Regarding.Name, exception.Message);
            if (exception.Error == KubernetesError.Throttled)
            {
                // The API server's capacity is left to the reconciler, whose work must not wait for Events.
                var pause = exception.RetryAfter ?? TimeSpan.FromSeconds(1);
                await Task.Delay(pause < LongestPause ? pause : LongestPause, TimeProvider.System, cancellationToken);
            }
        }

        return true;
    }

    private void Record(TkaSignin signin, string type, string reason, string message)
    {
        if (_enabled)
        {
            var regarding = new V1ObjectReference
            {
                ApiVersion = TkaSigninResource.ApiVersion,
                Kind = TkaSigninResource.Kind,
                Name = signin.Metadata.Name,
                NamespaceProperty = signin.Metadata.NamespaceProperty,
                Uid = signin.Metadata.Uid,
            };
            if (!_backlog.Add(new PendingEvent(regarding, type, reason, message, _time.GetUtcNow())))
            {
                _metrics.EventDropped();
            }
        }
    }

    private async Task WriteAsync(PendingEvent pending, CancellationToken cancellationToken)
    {
        var key = pending.Key;
        if (_written.TryGetValue(key, out var written) && pending.Last - written.At < CountWithin)
        {
            var counted = written with { Count = written.Count + pending.Count, At = pending.Last };
            var patch = new JsonObject
            {
                ["count"] = counted.Count,
                ["lastTimestamp"] = pending.Last.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            };
            try
            {
                await _events.MergePatchAsync(written.Name, patch, null, cancellationToken);
                _written[key] = counted;
                return;
            }
            catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.NotFound)
            {
                // It has aged out of the cluster: write a new one.
            }
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{pending.Regarding.Name}.{pending.First.UtcTicks:x}{Random.Shared.Next(0x10000):x4}");
        await _events.CreateAsync(
            new Corev1Event
            {
                Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = pending.Regarding.NamespaceProperty },
                InvolvedObject = pending.Regarding,
                Type = pending.Type,
                Reason = pending.Reason,
                Message = pending.Message,
                Count = pending.Count,
                FirstTimestamp = pending.First.UtcDateTime,
                LastTimestamp = pending.Last.UtcDateTime,
                Source = new V1EventSource { Component = "tka-operator" },
                ReportingComponent = "tka-operator",
                ReportingInstance = Environment.MachineName,
            },
            cancellationToken);
        if (_written.Count >= RememberedEvents)
        {
            _written.Clear();
        }

        _written[key] = new WrittenEvent(name, pending.Count, pending.Last);
    }

    private sealed record WrittenEvent(string Name, int Count, DateTimeOffset At);
}
