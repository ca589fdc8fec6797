using Xunit;

namespace TKA.Tests.Infrastructure;

/// <summary>Waits for what no event tells, up to a deadline.</summary>
public static class Poll
{
    /// <summary>Asks until the answer is yes; fails the test when the time is over.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan patience, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        while (!await condition())
        {
            if (clock.GetElapsedTime(started) > patience)
            {
                Assert.Fail($"It did not become true within {patience}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }

    /// <summary>See above, for conditions that need no waiting themselves.</summary>
    public static Task UntilAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancellationToken) =>
        UntilAsync(() => Task.FromResult(condition()), patience, cancellationToken);
}
