namespace TKA.Tests.Infrastructure;

/// <summary>A wall clock that is wrong, or jumps, while durations and timers run on as those of another clock.</summary>
public sealed class OffsetTime(TimeProvider inner) : TimeProvider
{
    /// <summary>How far ahead it is.</summary>
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Offset;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}
