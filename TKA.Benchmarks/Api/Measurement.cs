using System.Diagnostics;

namespace TKA.Benchmarks.Api;

/// <summary>What a number of operations by concurrent users took.</summary>
/// <param name="P50">Half of them took no longer.</param>
/// <param name="P99">99 of 100 took no longer.</param>
/// <param name="PerSecond">Operations per second of all users together.</param>
/// <param name="Cpu">Processor time of one operation, of client and servers together; says the same on a busy machine.</param>
/// <param name="Durations">Every operation, shortest first.</param>
internal sealed record Measurement(TimeSpan P50, TimeSpan P99, double PerSecond, TimeSpan Cpu, IReadOnlyList<TimeSpan> Durations)
{
    /// <summary>Runs operations: each user takes the next one as soon as their last is done.</summary>
    /// <param name="users">Users at a time.</param>
    /// <param name="count">Operations in all.</param>
    /// <param name="operation">Called with the user's number and the operation's.</param>
    public static async Task<Measurement> RunAsync(int users, int count, Func<int, int, Task> operation)
    {
        var durations = new TimeSpan[count];
        var next = -1;
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, users).Select(async user =>
        {
            await Task.Yield();
            while (Interlocked.Increment(ref next) is var i && i < count)
            {
                var begun = Stopwatch.GetTimestamp();
                await operation(user, i);
                durations[i] = Stopwatch.GetElapsedTime(begun);
            }
        }));
        var elapsed = Stopwatch.GetElapsedTime(started);
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        Array.Sort(durations);
        return new Measurement(At(durations, 0.5), At(durations, 0.99), count / elapsed.TotalSeconds, cpu / count, durations);
    }

    /// <summary>Several runs as one: percentiles over all their operations, the middle of their throughputs and processor times.</summary>
    public static Measurement Together(IReadOnlyList<Measurement> runs)
    {
        TimeSpan[] durations = [.. runs.SelectMany(run => run.Durations).Order()];
        return new(At(durations, 0.5), At(durations, 0.99), Middle(runs.Select(run => run.PerSecond)), Middle(runs.Select(run => run.Cpu)), durations);
    }

    private static TimeSpan At(TimeSpan[] sorted, double share) => sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * share) - 1, 0, sorted.Length - 1)];

    private static T Middle<T>(IEnumerable<T> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : default!;
}
