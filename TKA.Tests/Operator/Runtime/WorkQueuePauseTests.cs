using Microsoft.Extensions.Time.Testing;
using TKA.Operator.Runtime.Queues;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator.Runtime;

/// <summary>Pauses of a <see cref="WorkQueue{TKey}"/>.</summary>
public sealed class WorkQueuePauseTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueuePauseTests() => _queue = new WorkQueue<string>(_time, new WorkQueueOptions { Random = new Random(1), RetriesPerSecond = 1000, RetryBurst = 1000 });

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task A_pause_holds_everything_back()
    {
        _queue.Pause(TimeSpan.FromSeconds(5));
        _queue.Add("a", QueuePriority.Urgent);
        var take = TakeAsync();

        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(take.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal("a", await take);
    }

    [Fact]
    public async Task A_pause_ends_also_when_its_timer_is_early()
    {
        var time = new EarlyTimers();
        using var queue = new WorkQueue<string>(time, new WorkQueueOptions());
        queue.Pause(TimeSpan.FromSeconds(1));
        queue.Add("a");
        var take = queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();

        // The system's timers follow a clock of whole ticks: some milliseconds before the pause is over.
        time.Advance(TimeSpan.FromMilliseconds(996));
        time.Fire();
        Assert.True(time.IsAnySet, "the timer is set for the rest");
        Assert.False(take.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(6));
        time.Fire();

        Assert.Equal("a", (await take.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Key);
    }

    [Fact]
    public async Task A_wall_clock_that_is_set_back_makes_no_pause_longer()
    {
        var time = new OffsetTime(_time);
        using var queue = new WorkQueue<string>(time, new WorkQueueOptions());
        queue.Pause(TimeSpan.FromSeconds(5));
        queue.Add("a");
        var take = queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();

        time.Offset = TimeSpan.FromMinutes(-5);
        _time.Advance(TimeSpan.FromSeconds(5.1));

        Assert.Equal("a", (await take.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Key);
    }

    private async Task<string> TakeAsync() => (await _queue.TakeAsync(TestContext.Current.CancellationToken)).Key;

    /// <summary>Time whose timers a test fires; one that was not set since it fired does not fire again.</summary>
    private sealed class EarlyTimers : TimeProvider
    {
        private readonly List<Timer> _timers = [];
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public bool IsAnySet => _timers.Exists(static timer => timer.IsSet);

        public void Advance(TimeSpan time) => _now += time.Ticks;

        public void Fire() => _timers.ForEach(static timer => timer.Fire());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(() => callback(state)) { IsSet = dueTime != Timeout.InfiniteTimeSpan };
            _timers.Add(timer);
            return timer;
        }

        private sealed class Timer(Action callback) : ITimer
        {
            public bool IsSet { get; set; }

            public void Fire()
            {
                if (IsSet)
                {
                    IsSet = false;
                    callback();
                }
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => IsSet = dueTime != Timeout.InfiniteTimeSpan;

            public void Dispose() => IsSet = false;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
