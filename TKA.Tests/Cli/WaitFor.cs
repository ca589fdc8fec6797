using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Waits for something another process brings about.</summary>
internal static class WaitFor
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Returns when the condition holds; fails after 60 s.</summary>
    public static async Task Async(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail("It did not come true in time.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Completes when the token is cancelled.</summary>
    public static Task AsTask(this CancellationToken cancellationToken)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.Register(source.SetResult);
        return source.Task;
    }
}
