using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace TKA.Benchmarks.Api;

/// <summary>Where the time of a login goes: the spans of its trace, each with its median start and end in milliseconds from the start of the login.</summary>
internal sealed class LoginTimeline : IDisposable
{
    private readonly ActivitySource _source = new("TKA.Benchmarks");
    private readonly ConcurrentDictionary<ActivityTraceId, ConcurrentBag<Activity>> _traces = [];
    private readonly ActivityListener _listener;

    public LoginTimeline()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _traces.GetOrAdd(activity.TraceId, _ => []).Add(activity),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Runs one login as a trace.</summary>
    public async Task RunAsync(Func<Task> login)
    {
        using var activity = _source.StartActivity("login");
        await login();
    }

    /// <summary>Prints the spans that most logins have, in the order of their start.</summary>
    public void Print()
    {
        var traces = _traces.Values.Select(spans => spans.ToArray()).Where(spans => spans.Any(IsLogin)).ToArray();
        var steps = traces
            .SelectMany(spans =>
            {
                var start = spans.First(IsLogin).StartTimeUtc;
                return spans
                    .GroupBy(span => $"{span.Kind.ToString().ToLowerInvariant()} {Name(span)}")
                    .Select(group => (Name: group.Key, Start: (group.Min(span => span.StartTimeUtc) - start).TotalMilliseconds, End: (group.Min(span => span.StartTimeUtc + span.Duration) - start).TotalMilliseconds));
            })
            .GroupBy(step => step.Name)
            .Where(step => step.Count() > traces.Length / 2)
            .Select(step => (step.Key, Start: Median(step.Select(one => one.Start)), End: Median(step.Select(one => one.End))))
            .OrderBy(step => step.Start);
        Console.WriteLine($"Steps of {traces.Length} logins of one person, medians in milliseconds from the start:");
        Console.WriteLine($"{"from",6} {"to",6} {"for",6}");
        foreach (var (name, start, end) in steps)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{start,6:0.00} {end,6:0.00} {end - start,6:0.00}  {name}"));
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }

    private static bool IsLogin(Activity span) => span.Source.Name == "TKA.Benchmarks";

    /// <summary>Method and path of a request, without the names of sessions.</summary>
    private static string Name(Activity span)
    {
        var path = span.GetTagItem("url.path") as string ?? (span.GetTagItem("url.full") is string full ? new Uri(full).AbsolutePath : null);
        if (path is null)
        {
            return span.DisplayName.StartsWith("reconcile", StringComparison.Ordinal) ? "reconcile" : span.DisplayName;
        }

        var segments = path.Split('/').Select(segment => segment.StartsWith("tka-user-", StringComparison.Ordinal) ? "*" : segment);
        return $"{span.GetTagItem("http.request.method")} {string.Join('/', segments)}";
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;
}
