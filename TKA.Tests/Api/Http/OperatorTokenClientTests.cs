using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.OperatorTokens;
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
