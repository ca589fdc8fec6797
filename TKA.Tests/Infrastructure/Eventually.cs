using Xunit;

namespace TKA.Tests.Infrastructure;

/// <summary>Waits for what must come true by itself, with a deadline that only a failure reaches.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <summary>Polls until the condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="what">What is waited for, in words for the failure.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, $"Waited {Deadline} in vain until {what}.");
            await Task.Delay(Interval, TimeProvider.System, cancellation);
        }
    }

    /// <summary>Polls until the condition holds.</summary>
    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);
}
