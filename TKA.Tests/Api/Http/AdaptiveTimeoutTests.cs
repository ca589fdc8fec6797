using Microsoft.Extensions.Time.Testing;
using TKA.Api.Http;
using Xunit;

namespace TKA.Tests.Api.Http;

public sealed class AdaptiveTimeoutTests
{
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(30);

    // When the question is asked, and what is left of Silent then.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource<string> _answer = new();
    private readonly TaskCompletionSource _sign = new();
    private int _asked;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_in_time_needs_no_sign_of_life()
    {
        var running = RunAsync(Cancel);

        _time.Advance(Late - Moment);
        _answer.SetResult("answer");

        Assert.Equal("answer", await running);
        _time.Advance(Slow);
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task A_server_that_gives_no_sign_of_life_is_given_up()
    {
        var running = RunAsync(Cancel);

        _time.Advance(Late);
        _time.Advance(Rest - Moment);
        Assert.False(running.IsCompleted);

        _time.Advance(Moment);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_server_that_answers_the_question_is_waited_for()
    {
        var running = RunAsync(Cancel);

        _time.Advance(Late);
        _sign.SetResult();
        _time.Advance(Slow - Late - Moment);
        _answer.SetResult("answer");

        Assert.Equal("answer", await running);
    }

    [Fact]
    public async Task A_server_that_is_too_slow_is_given_up()
    {
        var running = RunAsync(Cancel);

        _time.Advance(Late);
        _sign.SetResult();
        _time.Advance(Slow - Late);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_server_that_refuses_the_question_is_given_up_like_a_silent_one()
    {
        var running = RunAsync(Cancel);

        _time.Advance(Late);
        _sign.SetException(new HttpRequestException("refused"));
        _time.Advance(Rest);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>A process that was held up itself, by its other work or by a suspended machine, has heard nothing of the server's silence.</summary>
    [Fact]
    public async Task A_process_that_asks_late_gives_the_server_its_time_all_the_same()
    {
        var running = RunAsync(Cancel);

        _time.Advance(Silent + Late);
        Assert.False(running.IsCompleted);
        Assert.Equal(1, _asked);

        _sign.SetResult();
        _answer.SetResult("answer");
        Assert.Equal("answer", await running);
    }

    [Fact]
    public async Task A_caller_who_goes_ends_the_request()
    {
        using var caller = new CancellationTokenSource();
        var running = RunAsync(caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private Task<string> RunAsync(CancellationToken cancellationToken) =>
        AdaptiveTimeout.RunAsync(_answer.Task.WaitAsync, AskAsync, Silent, Slow, _time, cancellationToken);

    private Task AskAsync(CancellationToken cancellationToken)
    {
        _asked++;
        return _sign.Task.WaitAsync(cancellationToken);
    }
}
