using CsCheck;
using Microsoft.Extensions.Time.Testing;
using TKA.Operator.Sessions.Expiry;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator.Runtime;

public sealed class ExpiryCalendarTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
    private readonly List<string> _due = [];
    private readonly ExpiryCalendar _calendar;

    public ExpiryCalendarTests() => _calendar = new ExpiryCalendar(_time, _due.Add);

    public void Dispose() => _calendar.Dispose();

    [Fact]
    public void A_session_is_due_at_its_time_and_not_before()
    {
        _calendar.Set("a", _time.GetUtcNow().AddMinutes(30));

        _time.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_due);
        _time.Advance(TimeSpan.FromMilliseconds(2));

        Assert.Equal(["a"], _due);
        Assert.Equal(0, _calendar.Count);
    }

    [Fact]
    public void What_is_over_already_is_due_at_once()
    {
        _calendar.Set("a", _time.GetUtcNow().AddHours(-1));
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(["a"], _due);
    }

    [Fact]
    public void An_entry_moves_both_ways_and_can_be_struck_out()
    {
        _calendar.Set("later", _time.GetUtcNow().AddMinutes(10));
        _calendar.Set("sooner", _time.GetUtcNow().AddMinutes(30));
        _calendar.Set("never", _time.GetUtcNow().AddMinutes(10));
        _calendar.Set("later", _time.GetUtcNow().AddMinutes(40));
        _calendar.Set("sooner", _time.GetUtcNow().AddMinutes(5));
        _calendar.Remove("never");

        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(["sooner"], _due);
        _time.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal(["sooner", "later"], _due);
    }

    [Fact]
    public void A_wall_clock_that_jumps_is_noticed_within_seconds()
    {
        // The timers of a suspended or corrected machine count other seconds than its wall clock shows.
        var time = new OffsetTime(_time);
        using var calendar = new ExpiryCalendar(time, _due.Add);
        calendar.Set("a", time.GetUtcNow().AddHours(1));

        time.Offset = TimeSpan.FromHours(2);
        _time.Advance(ExpiryCalendar.LongestSleep + TimeSpan.FromMilliseconds(1));

        Assert.Equal(["a"], _due);
    }

    [Fact]
    public void Everything_becomes_due_in_order_whatever_was_entered() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 60]).List[1, 100].Sample(entries =>
        {
            var time = new FakeTimeProvider();
            var due = new List<(string Name, DateTimeOffset At)>();
            using var calendar = new ExpiryCalendar(time, name => due.Add((name, time.GetUtcNow())));
            var start = time.GetUtcNow();
            var expected = new Dictionary<string, DateTimeOffset>();
            foreach (var (name, seconds) in entries)
            {
                expected[$"{name}"] = start.AddSeconds(seconds);
                calendar.Set($"{name}", start.AddSeconds(seconds));
            }

            for (var second = 0; second <= 61; second++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
            }

            return due.Count == expected.Count && due.All(item => item.At >= expected[item.Name] && item.At - expected[item.Name] <= TimeSpan.FromSeconds(1));
        });
}
