using CsCheck;
using Microsoft.Extensions.Time.Testing;
using TKA.Operator.Runtime.Queues;
using Xunit;

namespace TKA.Tests.Operator.Runtime;

public sealed class WorkQueueTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new WorkQueue<string>(_time, new WorkQueueOptions { Random = new Random(1), RetriesPerSecond = 1000, RetryBurst = 1000 });

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task A_key_waits_once_however_often_it_is_added()
    {
        _queue.Add("a");
        _queue.Add("b");
        _queue.Add("a");

        Assert.Equal(2, _queue.Depth);
        Assert.Equal("a", await TakeAsync());
        Assert.Equal("b", await TakeAsync());
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_key_is_never_worked_on_twice_at_the_same_time()
    {
        _queue.Add("a");
        var key = await TakeAsync();
        _queue.Add("a");
        var next = TakeAsync();
        Assert.False(next.IsCompleted);

        _queue.Done(key);

        Assert.Equal("a", await next);
    }

    [Fact]
    public async Task Urgent_keys_go_first_also_when_they_waited_in_the_normal_lane()
    {
        _queue.Add("a");
        _queue.Add("b");
        _queue.Add("c");
        _queue.Add("c", QueuePriority.Urgent);

        Assert.Equal("c", await TakeAsync());
        Assert.Equal("a", await TakeAsync());
        Assert.Equal("b", await TakeAsync());
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_key_comes_back_with_the_priority_it_was_worked_on_with()
    {
        _queue.Add("background", QueuePriority.Background);
        _queue.AddAfterFailure(await TakeAsync());
        _queue.Done("background");
        _queue.Add("urgent", QueuePriority.Urgent);
        _queue.AddAfter(await TakeAsync(), TimeSpan.FromMilliseconds(10));
        _queue.Done("urgent");

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["urgent", "background"], [await TakeAsync(), await TakeAsync()]);
    }

    [Fact]
    public void The_first_retries_of_a_key_do_not_wait_behind_the_failures_of_thousands()
    {
        using var queue = new WorkQueue<string>(_time, new WorkQueueOptions());
        for (var i = 0; i < 2000 * 5; i++)
        {
            queue.AddAfterFailure($"backlog {i % 2000}");
        }

        Assert.True(queue.AddAfterFailure("one") < TimeSpan.FromMilliseconds(11));
        Assert.True(queue.AddAfterFailure("one") < TimeSpan.FromMilliseconds(21));
    }

    [Fact]
    public async Task Of_several_delays_the_earliest_counts_and_only_once()
    {
        _queue.AddAfter("a", TimeSpan.FromMinutes(10));
        _queue.AddAfter("a", TimeSpan.FromMinutes(1));
        _queue.AddAfter("a", TimeSpan.FromMinutes(5));
        Assert.Equal(1, _queue.Delayed);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, _queue.Depth);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");

        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public void Failures_wait_longer_each_time_up_to_a_limit_until_forgotten()
    {
        var delays = Enumerable.Range(0, 20).Select(_ => _queue.AddAfterFailure("a")).ToArray();

        Assert.InRange(delays[0], TimeSpan.FromMilliseconds(7.5), TimeSpan.FromMilliseconds(10));
        Assert.InRange(delays[4], TimeSpan.FromMilliseconds(120), TimeSpan.FromMilliseconds(160));
        Assert.InRange(delays[19], TimeSpan.FromSeconds(22.5), TimeSpan.FromSeconds(30));
        Assert.Equal(20, _queue.Failures("a"));
        Assert.Equal(20, _queue.Retries);

        _queue.Forget("a");
        Assert.InRange(_queue.AddAfterFailure("a"), TimeSpan.Zero, TimeSpan.FromMilliseconds(10));
    }

    [Fact]
    public void A_failure_waits_at_least_as_long_as_the_server_asks() =>
        Assert.Equal(TimeSpan.FromSeconds(7), _queue.AddAfterFailure("a", TimeSpan.FromSeconds(7)));

    [Fact]
    public void A_failure_may_wait_no_longer_than_its_kind_allows()
    {
        var delays = Enumerable.Range(0, 20).Select(_ => _queue.AddAfterFailure("a", atMost: TimeSpan.FromSeconds(1.5))).ToArray();

        Assert.True(delays[3] < TimeSpan.FromMilliseconds(81));
        Assert.Equal(TimeSpan.FromSeconds(1.5), delays[19]);
    }

    [Fact]
    public void Many_different_failures_share_one_rate()
    {
        using var queue = new WorkQueue<int>(_time, new WorkQueueOptions { RetriesPerSecond = 10, RetryBurst = 5 });

        // The first retries of each are prompt.
        for (var i = 0; i < 105 * 2; i++)
        {
            queue.AddAfterFailure(i % 105);
        }

        var delays = Enumerable.Range(0, 105).Select(i => queue.AddAfterFailure(i)).ToArray();

        Assert.True(delays[4] < TimeSpan.FromMilliseconds(41));
        Assert.Equal(10, delays[104].TotalSeconds, 1);
    }

    [Fact]
    public async Task Closing_lets_takers_go_and_takes_nothing_more()
    {
        var take = _queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();
        _queue.Close();
        _queue.Add("a");

        Assert.False((await take).Taken);
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_taker_that_gave_up_does_not_swallow_a_key()
    {
        using var impatient = new CancellationTokenSource();
        var gaveUp = _queue.TakeAsync(impatient.Token).AsTask();
        var patient = TakeAsync();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gaveUp);

        _queue.Add("a");

        Assert.Equal("a", await patient);
    }

    [Fact]
    public void No_key_is_lost_and_none_is_worked_on_twice_whatever_the_order() =>
        Gen.Int[0, 9].List[1, 200].Sample(keys =>
        {
            using var queue = new WorkQueue<int>(_time, new WorkQueueOptions());
            var waiting = new HashSet<int>();
            var working = new HashSet<int>();
            var last = keys.Distinct().ToDictionary(key => key, _ => 0);
            var seen = keys.Distinct().ToDictionary(key => key, _ => -1);
            for (var i = 0; i < keys.Count; i++)
            {
                last[keys[i]] = i;
                waiting.Add(keys[i]);
                queue.Add(keys[i], i % 3 == 0 ? QueuePriority.Urgent : QueuePriority.Normal);
                if (i % 2 == 0)
                {
                    Take(i);
                }

                if (i % 5 == 0 && working.Count > 0)
                {
                    Finish();
                }
            }

            while (working.Count > 0)
            {
                Finish();
            }

            while (waiting.Count > 0)
            {
                Take(keys.Count);
                Finish();
            }

            return queue.Depth == 0 && last.All(key => seen[key.Key] >= key.Value);

            void Take(int now)
            {
                if (waiting.Except(working).Any())
                {
                    var taken = queue.TakeAsync(CancellationToken.None);
                    Assert.True(taken.IsCompleted);
                    var key = taken.GetAwaiter().GetResult().Key;
                    Assert.True(waiting.Remove(key));
                    Assert.True(working.Add(key));
                    seen[key] = now;
                }
            }

            void Finish()
            {
                var done = working.First();
                working.Remove(done);
                queue.Done(done);
            }
        });

    private async Task<string> TakeAsync() => (await _queue.TakeAsync(TestContext.Current.CancellationToken)).Key;
}
