using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Events;
using TKA.Operator.Telemetry;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>News wait a moment, repeat as a count, and come back at most once a minute.</summary>
public sealed class EventBacklogTests : IDisposable
{
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(10);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
    private readonly EventBacklog _backlog;

    public EventBacklogTests() => _backlog = new EventBacklog(_time, capacity: 3);

    public void Dispose() => _backlog.Dispose();

    [Fact]
    public void News_wait_so_that_the_work_they_tell_of_goes_first()
    {
        _backlog.Add(News("TokenIssued"));
        Assert.False(_backlog.TryTake(out _));

        _time.Advance(EventBacklog.Delay + Rounding);
        Assert.True(_backlog.TryTake(out var news));
        Assert.Equal(("TokenIssued", 1), (news.Reason, news.Count));
        Assert.Equal(0, _backlog.Count);
    }

    [Fact]
    public void It_is_quiet_when_the_last_news_are_due_and_until_the_next_come()
    {
        Assert.True(_backlog.IsQuiet);
        _backlog.Add(News("SessionStarted"));
        Assert.False(_backlog.IsQuiet);

        _time.Advance(EventBacklog.Delay / 2);
        _backlog.Add(News("SessionStarted"));
        _time.Advance(EventBacklog.Delay / 2);
        Assert.False(_backlog.IsQuiet);

        _time.Advance(EventBacklog.Delay / 2);
        Assert.True(_backlog.IsQuiet);
    }

    [Fact]
    public void What_repeats_while_it_waits_is_written_once_with_the_count_and_both_times()
    {
        var first = _time.GetUtcNow();
        for (var i = 0; i < 5; i++)
        {
            _backlog.Add(News("TokenIssued"));
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        _time.Advance(EventBacklog.Delay + Rounding);
        Assert.True(_backlog.TryTake(out var news));
        Assert.Equal((5, first, first + TimeSpan.FromMilliseconds(400)), (news.Count, news.First, news.Last));
        Assert.False(_backlog.TryTake(out _));
    }

    [Fact]
    public void The_same_news_are_written_once_a_minute_and_others_are_not_held_up_by_it()
    {
        _backlog.Add(News("TokenIssued"));
        _time.Advance(EventBacklog.Delay + Rounding);
        Assert.True(_backlog.TryTake(out _));

        _backlog.Add(News("TokenIssued"));
        _backlog.Add(News("SessionEnded"));
        _time.Advance(EventBacklog.Delay + Rounding);
        Assert.True(_backlog.TryTake(out var other));
        Assert.Equal("SessionEnded", other.Reason);
        Assert.False(_backlog.TryTake(out _));

        _time.Advance(EventBacklog.Interval + Rounding);
        Assert.True(_backlog.TryTake(out var again));
        Assert.Equal("TokenIssued", again.Reason);
    }

    [Fact]
    public void A_full_backlog_says_so_and_still_counts_what_it_holds()
    {
        Assert.All(["a", "b", "c"], reason => Assert.True(_backlog.Add(News(reason))));
        Assert.False(_backlog.Add(News("d")));
        Assert.True(_backlog.Add(News("a")));
    }

    /// <summary>While the cluster takes no Events they cost some megabytes and no more, and each that is given up is counted.</summary>
    [Fact]
    public void The_operator_keeps_two_thousand_and_counts_what_it_gives_up()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        using var counted = new AppMetrics(meters);
        using var metrics = new OperatorMetrics(meters);
        using var transport = new KubernetesTransport(new k8s.Kubernetes(new k8s.KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }));
        using var recorder = new EventRecorder(
            new ResourceClient<Corev1Event>(transport, ResourceTypes.Events, "tka-sessions"),
            Options.Create(new OperatorOptions()),
            metrics,
            new ClusterTime(_time),
            NullLogger<EventRecorder>.Instance);
        for (var i = 0; i < 2_007; i++)
        {
            recorder.Warning(new TkaSignin { Metadata = new() { Name = $"s{i}", Uid = $"u{i}" }, Spec = new() { Username = "u", Role = "view", ValidityPeriod = "1h" } }, "Rejected", "text");
        }

        Assert.Equal(2_000, recorder.Pending);
        Assert.Equal(7, counted.Value("tka_events_dropped_total"));
    }

    [Fact]
    public void What_was_written_longer_ago_than_its_repetition_waits_is_forgotten()
    {
        for (var i = 0; i < 200; i++)
        {
            Assert.True(_backlog.Add(News($"of session {i}")));
            _time.Advance(EventBacklog.Delay + Rounding);
            Assert.True(_backlog.TryTake(out _));
        }

        Assert.InRange(_backlog.Remembered, 1, (int)(EventBacklog.Interval / EventBacklog.Delay) + 1);
    }

    [Fact]
    public void Before_a_stop_nothing_waits()
    {
        _backlog.Add(News("a"));
        _backlog.Add(News("b"));
        _backlog.Hasten();
        Assert.True(_backlog.TryTake(out _));
        Assert.True(_backlog.TryTake(out _));
        Assert.Equal(0, _backlog.Count);
    }

    private PendingEvent News(string reason) => new(new() { Uid = "uid" }, "Normal", reason, "text", _time.GetUtcNow());
}
