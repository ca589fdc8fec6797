using Microsoft.Extensions.Time.Testing;
using TKA.Kubernetes.Client;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Kubernetes;

public sealed class ClusterTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    // What the API server's clock shows, and all durations.
    private readonly FakeTimeProvider _server = new(Start);
    private readonly OffsetTime _wall;
    private readonly ClusterTime _time;

    public ClusterTimeTests()
    {
        _wall = new OffsetTime(_server);
        _time = new ClusterTime(_wall);
    }

    [Fact]
    public void Before_the_first_answer_it_is_this_machines_time()
    {
        _wall.Offset = TimeSpan.FromMinutes(5);

        Assert.Null(_time.Skew);
        Assert.True(_time.IsSettled);
        Assert.Equal(_wall.GetUtcNow(), _time.GetUtcNow());
    }

    [Theory]
    [InlineData(8)]
    [InlineData(-8)]
    public void A_small_difference_is_left_alone(int seconds)
    {
        _wall.Offset = TimeSpan.FromSeconds(seconds);
        Answer();

        Assert.Equal(_wall.GetUtcNow(), _time.GetUtcNow());
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public void A_large_one_is_corrected_and_stays_corrected_without_further_answers(int minutes)
    {
        _wall.Offset = TimeSpan.FromMinutes(minutes);
        Answer();
        IsAboutTheServers();
        Assert.InRange((_time.Skew!.Value - _wall.Offset).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(1));

        _server.Advance(TimeSpan.FromHours(3));
        IsAboutTheServers();
        Assert.True(_time.IsSettled);
    }

    [Fact]
    public void A_wall_clock_that_jumps_changes_nothing_and_asks_for_an_answer()
    {
        Answer();
        _wall.Offset = TimeSpan.FromHours(2);

        IsAboutTheServers();
        Assert.False(_time.IsSettled);
        Answer();
        Assert.True(_time.IsSettled);
        IsAboutTheServers();
    }

    [Fact]
    public void After_a_sleep_the_first_answer_brings_the_time()
    {
        Answer();
        var slept = TimeSpan.FromHours(1);
        _wall.Offset = slept;
        Assert.False(_time.IsSettled);

        _time.Observe(_server.GetUtcNow() + slept, _time.GetTimestamp());

        Assert.True(_time.IsSettled);
        Assert.InRange((_time.GetUtcNow() - _server.GetUtcNow() - slept).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Of_two_servers_the_one_further_ahead_counts_until_it_is_silent_for_a_minute()
    {
        Answer();
        _time.Observe(_server.GetUtcNow() - TimeSpan.FromMinutes(5), _time.GetTimestamp());
        IsAboutTheServers();

        for (var second = 0; second < 90; second += 10)
        {
            _server.Advance(TimeSpan.FromSeconds(10));
            _time.Observe(_server.GetUtcNow() - TimeSpan.FromMinutes(5), _time.GetTimestamp());
        }

        Assert.InRange(_server.GetUtcNow() - _time.GetUtcNow(), TimeSpan.FromMinutes(4.9), TimeSpan.FromMinutes(5.1));
    }

    [Fact]
    public void An_answer_that_took_long_says_nothing()
    {
        Answer();
        var asked = _time.GetTimestamp();
        var stated = _server.GetUtcNow() + TimeSpan.FromHours(1);
        _server.Advance(TimeSpan.FromSeconds(6));
        _time.Observe(stated, asked);

        IsAboutTheServers();
    }

    [Fact]
    public void A_difference_at_the_limit_makes_the_time_go_neither_to_nor_fro()
    {
        _wall.Offset = TimeSpan.FromSeconds(12);
        Answer();
        IsAboutTheServers();
        _wall.Offset = TimeSpan.FromSeconds(9);
        Answer();
        IsAboutTheServers();
        _wall.Offset = TimeSpan.FromSeconds(3);
        Answer();
        Assert.Equal(_wall.GetUtcNow(), _time.GetUtcNow());
    }

    [Fact]
    public void Answers_in_whole_seconds_do_not_make_it_run_ahead()
    {
        _wall.Offset = TimeSpan.FromMinutes(-5);
        for (var i = 0; i < 5000; i++)
        {
            Answer();
            _server.Advance(TimeSpan.FromMilliseconds(730));
            IsAboutTheServers();
        }
    }

    private void Answer()
    {
        var now = _server.GetUtcNow();
        _time.Observe(new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero), _time.GetTimestamp());
    }

    private void IsAboutTheServers() =>
        Assert.InRange((_time.GetUtcNow() - _server.GetUtcNow()).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
}
