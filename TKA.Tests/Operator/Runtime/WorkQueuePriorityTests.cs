using Microsoft.Extensions.Time.Testing;
using TKA.Operator.Runtime.Queues;
using Xunit;

namespace TKA.Tests.Operator.Runtime;

/// <summary>How a <see cref="WorkQueue{TKey}"/> shares its workers among the priorities.</summary>
public sealed class WorkQueuePriorityTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(QueuePriority.Urgent, QueuePriority.Normal, 10)]
    [InlineData(QueuePriority.Urgent, QueuePriority.Background, 10)]
    [InlineData(QueuePriority.Normal, QueuePriority.Background, 10)]
    [InlineData(QueuePriority.Urgent, QueuePriority.Normal, 2)]
    internal async Task A_backlog_of_a_higher_priority_leaves_workers_to_a_lower_one(QueuePriority backlog, QueuePriority other, int workers)
    {
        using var queue = new WorkQueue<string>(_time, new WorkQueueOptions { Workers = workers });
        for (var i = 0; i < 2000; i++)
        {
            queue.Add($"backlog {i}", backlog);
        }

        queue.Add("one", other);
        queue.Add("two", other);
        var taken = new List<string>();
        for (var i = 0; i < workers; i++)
        {
            taken.Add((await queue.TakeAsync(TestContext.Current.CancellationToken)).Key);
        }

        Assert.StartsWith("backlog", taken[0], StringComparison.Ordinal);
        Assert.Contains("one", taken);

        // What is left to the lower priority is used when nothing of it waits.
        queue.Done("one");
        while (!taken.Contains("two"))
        {
            taken.Add((await queue.TakeAsync(TestContext.Current.CancellationToken)).Key);
        }

        queue.Done("two");
        Assert.StartsWith("backlog", (await queue.TakeAsync(TestContext.Current.CancellationToken)).Key, StringComparison.Ordinal);
        Assert.StartsWith("backlog", (await queue.TakeAsync(TestContext.Current.CancellationToken)).Key, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, QueuePriority.Urgent, QueuePriority.Normal)]
    [InlineData(1, QueuePriority.Urgent, QueuePriority.Background)]
    [InlineData(1, QueuePriority.Normal, QueuePriority.Background)]
    [InlineData(2, QueuePriority.Urgent, QueuePriority.Background)]
    [InlineData(3, QueuePriority.Normal, QueuePriority.Background)]
    internal async Task Too_few_workers_to_leave_one_take_turns(int workers, QueuePriority backlog, QueuePriority other)
    {
        using var queue = new WorkQueue<string>(_time, new WorkQueueOptions { Workers = workers });
        for (var i = 0; i < 2000; i++)
        {
            queue.Add($"backlog {i}", backlog);
        }

        for (var i = 0; i < 4; i++)
        {
            queue.Add($"other {i}", other);
        }

        var taken = new List<string>();
        for (var i = 0; i < 16; i++)
        {
            var key = (await queue.TakeAsync(TestContext.Current.CancellationToken)).Key;
            taken.Add(key);
            queue.Done(key);
        }

        // A quarter, the first of it fourth at the latest, and never two in a row.
        Assert.Equal(["other 0", "other 1", "other 2", "other 3"], taken.Where(key => key.StartsWith("other", StringComparison.Ordinal)));
        Assert.Equal([3, 7, 11, 15], taken.Index().Where(item => item.Item.StartsWith("other", StringComparison.Ordinal)).Select(item => item.Index));
    }

    [Fact]
    public async Task One_worker_serves_all_three_priorities()
    {
        using var queue = new WorkQueue<string>(_time, new WorkQueueOptions { Workers = 1 });
        foreach (var priority in Enum.GetValues<QueuePriority>())
        {
            for (var i = 0; i < 100; i++)
            {
                queue.Add($"{priority} {i}", priority);
            }
        }

        var taken = new List<string>();
        for (var i = 0; i < 50; i++)
        {
            var key = (await queue.TakeAsync(TestContext.Current.CancellationToken)).Key;
            taken.Add(key.Split(' ')[0]);
            queue.Done(key);
        }

        Assert.All(Enum.GetNames<QueuePriority>(), priority => Assert.InRange(taken.Count(key => key == priority), 10, 30));
    }
}
