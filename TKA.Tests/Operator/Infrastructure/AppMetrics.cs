using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>
/// Metrics of one application in this process. What it serves on <c>/metrics</c> holds the meters of every application that runs
/// in the process, so with tests in parallel it would show the sums of strangers.
/// </summary>
internal sealed class AppMetrics : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _sums = [];
    private readonly ConcurrentDictionary<string, double> _observed = [];

    public AppMetrics(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>
    /// The value of a counter or gauge, summed over its tags, or over those with one value of one tag, as in <c>name{tag="value"}</c>; of a
    /// histogram, with <c>_count</c> appended, the number of measurements.
    /// </summary>
    public double Value(string name)
    {
        lock (_observed)
        {
            _observed.Clear();
            _listener.RecordObservableInstruments();
            return _observed.TryGetValue(name, out var observed) ? observed : _sums.GetValueOrDefault(name);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Take(instrument, instrument.Name, value);
        foreach (var (tag, of) in tags)
        {
            Take(instrument, $"{instrument.Name}{{{tag}=\"{of}\"}}", value);
        }
    }

    private void Take(Instrument instrument, string name, double value)
    {
        if (instrument.IsObservable)
        {
            _observed.AddOrUpdate(name, value, (_, before) => before + value);
        }
        else if (instrument is Histogram<double>)
        {
            _sums.AddOrUpdate(name + "_count", 1, static (_, before) => before + 1);
        }
        else
        {
            _sums.AddOrUpdate(name, value, (_, before) => before + value);
        }
    }
}
