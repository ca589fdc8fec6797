namespace TKA.Kubernetes.Client;

/// <summary>
/// The time by which sessions begin and end: this machine's, unless it differs from the API server's by more than
/// <see cref="Tolerance"/>; then the API server's. So what the API, every replica of the operator and the cluster's own tokens say
/// about a session's end agrees, whatever a single machine's clock says. Timers and durations stay this machine's.
/// </summary>
/// <remarks>
/// The API server's time is known from the <c>Date</c> of its answers, and between them from the monotonic clock, which no
/// correction of the wall clock touches. A machine that was suspended shows as the wall clock having run ahead of the monotonic one
/// since the last answer; so does a wall clock that was set. Only the next answer tells which: see <see cref="IsSettled"/>.
/// Of several API servers the one furthest ahead counts: believing the other would make sessions longer.
/// </remarks>
public sealed class ClusterTime : TimeProvider
{
    /// <summary>Smaller differences are not corrected: a <c>Date</c> has whole seconds, and an answer takes a while.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(10);

    /// <summary>The time in an answer that took longer is too old to say much.</summary>
    private static readonly TimeSpan SlowestAnswer = TimeSpan.FromSeconds(5);

    /// <summary>Two answers of the same clock differ by the part of the second that <c>Date</c> leaves out, and by their way.</summary>
    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(2);

    /// <summary>An earlier time than known is believed when none has said later for so long.</summary>
    private static readonly TimeSpan BelieveLaterFor = TimeSpan.FromMinutes(1);

    /// <summary>By so much wall clock and monotonic clock may drift apart between two answers.</summary>
    private static readonly TimeSpan Drift = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly TimeProvider _local;
    private Measurement? _last;

    /// <summary>Creates a clock that knows no API server yet.</summary>
    /// <param name="local">This machine's clock.</param>
    public ClusterTime(TimeProvider local)
    {
        ArgumentNullException.ThrowIfNull(local);
        _local = local;
    }

    /// <summary>How far this machine's clock is ahead of the API server's; <see langword="null"/> before the first answer.</summary>
    public TimeSpan? Skew => Volatile.Read(ref _last) is { } last ? _local.GetUtcNow() - ServerTime(last) : null;

    /// <summary>
    /// Whether the last answer still tells the time. Not so when the wall clock has jumped since, or the machine has slept: then ask
    /// the API server anything before deciding that a session is over.
    /// </summary>
    public bool IsSettled => Volatile.Read(ref _last) is not { } last
        || (_local.GetUtcNow() - last.Wall - _local.GetElapsedTime(last.At)).Duration() <= Drift;

    /// <inheritdoc/>
    public override long TimestampFrequency => _local.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => _local.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var wall = _local.GetUtcNow();
        if (Volatile.Read(ref _last) is not { } last)
        {
            return wall;
        }

        // Once correcting it goes on until the difference is clearly gone, so that the time does not go to and fro.
        var server = ServerTime(last);
        return (wall - server).Duration() > (last.Corrects ? Tolerance / 2 : Tolerance) ? server : wall;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => _local.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _local.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes in the time an answer states.</summary>
    /// <param name="date">Its <c>Date</c>.</param>
    /// <param name="asked">Timestamp of when the request was sent.</param>
    internal void Observe(DateTimeOffset date, long asked)
    {
        var now = _local.GetTimestamp();
        if (_local.GetElapsedTime(asked, now) > SlowestAnswer)
        {
            return;
        }

        lock (_lock)
        {
            var wall = _local.GetUtcNow();
            var stated = date + TimeSpan.FromMilliseconds(500);
            var confirmed = now;
            if (_last is { } last && ServerTime(last) is var known && known > stated)
            {
                if (known - stated <= Jitter)
                {
                    stated = known;
                }
                else if (_local.GetElapsedTime(last.Confirmed, now) < BelieveLaterFor)
                {
                    (stated, confirmed) = (known, last.Confirmed);
                }
            }

            var skew = (wall - stated).Duration();
            var corrects = skew > Tolerance || (_last?.Corrects == true && skew > Tolerance / 2);
            Volatile.Write(ref _last, new Measurement(stated, wall, now, confirmed, corrects));
        }
    }

    private DateTimeOffset ServerTime(Measurement measurement) => measurement.Server + _local.GetElapsedTime(measurement.At);

    /// <param name="Server">The API server's time.</param>
    /// <param name="Wall">Our wall clock at the same moment.</param>
    /// <param name="At">Our monotonic clock at the same moment.</param>
    /// <param name="Confirmed">When an answer last said as late a time.</param>
    /// <param name="Corrects">Whether they differ by too much.</param>
    private sealed record Measurement(DateTimeOffset Server, DateTimeOffset Wall, long At, long Confirmed, bool Corrects);
}
