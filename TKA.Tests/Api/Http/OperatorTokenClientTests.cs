using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.OperatorTokens;
using TKA.Api.Problems;
using TKA.Contracts.Operator;
using TKA.ServiceDefaults.Health;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Http;

public sealed class OperatorTokenClientTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tka-test-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>An operator that is asked everything at once answers nothing in time, is asked again, and so on.</summary>
    [Fact]
    public async Task A_storm_reaches_the_operator_so_many_at_a_time_and_all_are_served()
    {
        const int Storm = 300;
        var (now, most) = (0, 0);
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = CreateOperator();
        app.Run(async context =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            await opened.Task;
            Interlocked.Decrement(ref now);
            await context.Response.WriteAsJsonAsync(Token);
        });
        await app.StartAsync(Cancel);
        using var client = await CreateClientAsync(app, TimeSpan.FromSeconds(60));

        var asked = Enumerable.Range(0, Storm)
            .Select(i => client.RequestAsync($"tka-user-{i}", new SessionTokenRequest { Uid = "u", Username = "n" }, Cancel))
            .ToArray();
        await Eventually.TrueAsync(() => Volatile.Read(ref now) == 64, "as many as are let through have arrived");
        opened.SetResult();

        Assert.All(await Task.WhenAll(asked), answer => Assert.IsType<TokenAnswer.Issued>(answer));
        Assert.Equal(64, most);
    }

    /// <summary>Slow is not gone. How long such an operator is waited for is shown by <see cref="AdaptiveTimeoutTests"/>.</summary>
    [Fact]
    public async Task An_operator_that_takes_its_time_with_a_token_is_asked_for_a_sign_of_life()
    {
        var sign = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = CreateOperator();
        app.Run(async context =>
        {
            if (context.Request.Method == HttpMethods.Get)
            {
                sign.TrySetResult();
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            await sign.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsJsonAsync(Token);
        });
        await app.StartAsync(Cancel);
        using var client = await CreateClientAsync(app, TimeSpan.FromSeconds(6));

        var answer = await client.RequestAsync("tka-user", new SessionTokenRequest { Uid = "u", Username = "n" }, Cancel);

        Assert.IsType<TokenAnswer.Issued>(answer);
    }

    /// <summary>An operator that answers is not away, whatever it answers.</summary>
    [Theory]
    [InlineData(429, 429, "More tokens were asked for than the TKA operator issues in a minute.", "Wait as long as Retry-After says.")]
    [InlineData(503, 503, "The TKA operator runs, but cannot issue a token at the moment.", "/readyz?verbose say why")]
    [InlineData(500, 503, "The TKA operator runs, but cannot issue a token at the moment.", "/readyz?verbose say why")]
    [InlineData(403, 503, "The operator does not accept this server's requests.", "the server's log says more")]
    public async Task What_the_operator_refuses_is_not_told_as_its_absence(int status, int told, string message, string advice)
    {
        await using var app = CreateOperator();
        app.Run(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "7";
            return Task.CompletedTask;
        });
        await app.StartAsync(Cancel);
        using var client = await CreateClientAsync(app, TimeSpan.FromSeconds(60));

        var refused = await Assert.ThrowsAsync<ApiProblemException>(() => client.RequestAsync("tka-user", new SessionTokenRequest { Uid = "u", Username = "n" }, Cancel));

        Assert.Equal((told, message), (refused.Problem.Status, refused.Problem.Detail));
        Assert.Contains(refused.Problem.Advice, line => line.Contains(advice, StringComparison.Ordinal));
        Assert.True(status != 429 || refused.Problem.RetryAfter == TimeSpan.FromSeconds(7));
    }

    private static SessionToken Token => new() { Token = "t", ExpirationTimestamp = DateTimeOffset.MaxValue, ValidUntil = DateTimeOffset.MaxValue };

    private static WebApplication CreateOperator()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        return app;
    }

    private async Task<OperatorTokenClient> CreateClientAsync(WebApplication app, TimeSpan timeout)
    {
        var token = Path.Combine(_directory.FullName, "token");
        await File.WriteAllTextAsync(token, "x", Cancel);
        var options = new ClusterOptions { TokenService = { Url = app.Urls.First(), TokenFile = token, CaFile = "", Timeout = timeout } };
        return new OperatorTokenClient(
            Options.Create(options),
            Options.Create(new ApiOptions { SlowTimeout = TimeSpan.FromSeconds(60) }),
            new OngoingFailures(TimeProvider.System),
            TimeProvider.System,
            NullLoggerFactory.Instance);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
