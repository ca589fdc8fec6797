namespace TKA.Kubernetes.Caching;

/// <summary>Exponential delays with jitter, so that many clients that failed together do not come back together.</summary>
/// <param name="initial">First delay.</param>
/// <param name="max">Longest delay.</param>
/// <param name="random">Source of the jitter; <see langword="null"/>: shared.</param>
public sealed class JitteredBackoff(TimeSpan initial, TimeSpan max, Random? random = null)
{
    private readonly Random _random = random ?? Random.Shared;
    private int _failures;

    /// <summary>Failures in a row.</summary>
    public int Failures => _failures;

    /// <summary>Counts a failure and says how long to wait: half to all of the exponential delay.</summary>
    /// <param name="atLeast">What the server asked for (<c>Retry-After</c>); never undercut.</param>
    public TimeSpan Next(TimeSpan? atLeast = null)
    {
        var exponential = Delay(_failures, initial, max);
        _failures++;
        var jittered = exponential * (0.5 + (_random.NextDouble() / 2));
        return atLeast is { } floor && floor > jittered ? floor + (jittered / 4) : jittered;
    }

    /// <summary>Starts over after a success.</summary>
    public void Reset() => _failures = 0;

    /// <summary>The delay after a number of earlier failures, without jitter: <c>initial * 2^failures</c>, at most <c>max</c>.</summary>
    public static TimeSpan Delay(int failures, TimeSpan initial, TimeSpan max)
    {
        var ticks = initial.Ticks * Math.Pow(2, Math.Min(failures, 62));
        return ticks >= max.Ticks ? max : TimeSpan.FromTicks((long)ticks);
    }
}
