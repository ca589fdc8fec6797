using System.Runtime.CompilerServices;
using Xunit;

namespace TKA.Tests.Infrastructure;

/// <summary>The one way in which tests wait for what no event tells: polls up to a deadline that only a failure reaches.</summary>
internal static class Eventually
{
    /// <summary>Long, because only a failure waits for it and the machine may be ten times slower than usual.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Polls until the condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="what">What is waited for, in words for the failure; without it the failure shows the condition's source text.</param>
    /// <param name="deadline">60 seconds when null. A shorter one only where the time itself is promised.</param>
    /// <param name="seen">What was seen last, for the failure.</param>
    /// <param name="expression">Filled by the compiler.</param>
    public static async Task TrueAsync(
        Func<Task<bool>> condition,
        string? what = null,
        TimeSpan? deadline = null,
        Func<string>? seen = null,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > (deadline ?? Deadline))
            {
                Assert.Fail($"Waited {deadline ?? Deadline} in vain for: {what ?? expression}. {seen?.Invoke()}");
            }

            await Task.Delay(Interval, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, string?, TimeSpan?, Func{string}?, string)"/>
    public static Task TrueAsync(
        Func<bool> condition,
        string? what = null,
        TimeSpan? deadline = null,
        [CallerArgumentExpression(nameof(condition))] string expression = "") =>
        TrueAsync(() => Task.FromResult(condition()), what ?? expression, deadline);
}
