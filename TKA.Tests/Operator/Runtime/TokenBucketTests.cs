using Microsoft.Extensions.Time.Testing;
using TKA.Operator.Runtime.Rate;
using Xunit;

namespace TKA.Tests.Operator.Runtime;

public class TokenBucketTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_burst_passes_and_then_the_rate_applies()
    {
        var bucket = new TokenBucket(_time, perSecond: 2, burst: 3);

        Assert.Equal([0, 0, 0, 0.5, 1.0], Enumerable.Range(0, 5).Select(_ => bucket.Reserve().TotalSeconds));
    }

    [Fact]
    public void What_costs_more_waits_longer_and_so_does_what_comes_after_it()
    {
        var bucket = new TokenBucket(_time, perSecond: 10, burst: 5);

        Assert.Equal(TimeSpan.Zero, bucket.Reserve(5));
        Assert.Equal(TimeSpan.FromSeconds(0.5), bucket.Reserve(5));
        Assert.Equal(TimeSpan.FromSeconds(0.6), bucket.Reserve());
    }

    [Fact]
    public void Time_refills_it_up_to_the_burst_and_not_beyond()
    {
        var bucket = new TokenBucket(_time, perSecond: 2, burst: 3);
        while (bucket.TryTake())
        {
        }

        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(bucket.TryTake());
        Assert.False(bucket.TryTake());

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => bucket.TryTake()));
    }
}
