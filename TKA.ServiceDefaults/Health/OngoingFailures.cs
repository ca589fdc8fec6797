using System.Collections.Concurrent;

namespace TKA.ServiceDefaults.Health;

/// <summary>
/// What fails again and again, such as a request that the cluster refuses. A single failure says little: reported is what failed at
/// least twice, <see cref="ReportAfter"/> apart, without a success in between. What is not tried again for <see cref="ForgetAfter"/> is
/// forgotten.
/// </summary>
/// <param name="time">Clock.</param>
public sealed class OngoingFailures(TimeProvider time)
{
    /// <summary>Time between the first and the last failure from which on they are reported.</summary>
    public static readonly TimeSpan ReportAfter = TimeSpan.FromSeconds(15);

    /// <summary>Longer than the longest pause between two tries of one session.</summary>
    public static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Kind, string Key), Failure> _failures = [];

    /// <summary>Notes a failure.</summary>
    /// <param name="kind">What kind of work failed.</param>
    /// <param name="key">Which piece of it.</param>
    /// <param name="cause">The cause, in words for a health report.</param>
    public void Add(string kind, string key, string cause)
    {
        var now = time.GetTimestamp();
        _failures.AddOrUpdate((kind, key), _ => new Failure(now, now, cause), (_, earlier) => new Failure(earlier.First, now, cause));
    }

    /// <summary>Notes a success: earlier failures of this piece of work no longer count.</summary>
    /// <param name="kind">What kind of work succeeded.</param>
    /// <param name="key">Which piece of it.</param>
    public void Remove(string kind, string key) => _failures.TryRemove((kind, key), out _);

    /// <summary>How many pieces of work of a kind are reported.</summary>
    /// <param name="kind">Kind of work.</param>
    public int Count(string kind) => Lasting(kind).Length;

    /// <summary>Number, duration and one cause; <see langword="null"/>: nothing is reported.</summary>
    /// <param name="kind">Kind of work.</param>
    public string? Describe(string kind) => Lasting(kind) is { Length: > 0 } lasting && lasting.MinBy(failure => failure.First) is { } first
        ? $"{lasting.Length}, for {time.GetElapsedTime(first.First).TotalSeconds:0} s: {first.Cause}"
        : null;

    private Failure[] Lasting(string kind)
    {
        foreach (var (key, failure) in _failures)
        {
            if (time.GetElapsedTime(failure.Last) > ForgetAfter)
            {
                // Not when it failed again in between.
                _failures.TryRemove(KeyValuePair.Create(key, failure));
            }
        }

        return [.. _failures.Where(pair => pair.Key.Kind == kind).Select(pair => pair.Value).Where(failure => time.GetElapsedTime(failure.First, failure.Last) >= ReportAfter)];
    }

    private sealed record Failure(long First, long Last, string Cause);
}
