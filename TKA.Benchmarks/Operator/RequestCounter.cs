using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace TKA.Benchmarks.Operator;

/// <summary>Counts requests and passes, and notes how late sessions end, from the operator's own metrics.</summary>
internal sealed class RequestCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private ConcurrentQueue<double> _lags = [];
    private long _writes;
    private long _events;
    private long _lists;
    private long _passes;

    public RequestCounter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "rest_client_requests_total" or "tka_reconcile_total" or "tka_session_expiry_lag_seconds")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Count);
        _listener.SetMeasurementEventCallback<double>((_, lag, _, _) => _lags.Enqueue(lag));
        _listener.Start();
    }

    /// <summary>Writes for sessions: Events, which are news, and the leader's lease are not among them.</summary>
    public long Writes => Volatile.Read(ref _writes);

    public long Events => Volatile.Read(ref _events);

    public long Lists => Volatile.Read(ref _lists);

    public long Passes => Volatile.Read(ref _passes);

    /// <summary>Seconds between the end of sessions and that of their access.</summary>
    public IReadOnlyCollection<double> Lags => _lags;

    /// <summary>Writes without those of this benchmark, which creates each TkaSignin itself.</summary>
    public long OfOperator(int created) => Writes - created;

    public void Reset()
    {
        _writes = _events = _lists = _passes = 0;
        _lags = [];
    }

    public void Dispose() => _listener.Dispose();

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (instrument.Name == "tka_reconcile_total")
        {
            Interlocked.Add(ref _passes, value);
            return;
        }

        var (verb, resource) = ("", "");
        foreach (var tag in tags)
        {
            verb = tag.Key == "verb" ? (string)tag.Value! : verb;
            resource = tag.Key == "resource" ? (string)tag.Value! : resource;
        }

        if (verb == "list")
        {
            Interlocked.Add(ref _lists, value);
        }
        else if (verb is "create" or "patch" or "update" or "delete" && resource is not "leases")
        {
            Interlocked.Add(ref resource == "events" ? ref _events : ref _writes, value);
        }
    }
}
