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

public sealed class OperatorTokenClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An operator that is asked everything at once answers nothing in time, is asked again, and so on.</summary>
    [Fact]
    public async Task A_storm_reaches_the_operator_so_many_at_a_time_and_all_are_served()
    {
        const int Storm = 300;
        var (now, most) = (0, 0);
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(async context =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            await opened.Task;
            Interlocked.Decrement(ref now);
            await context.Response.WriteAsJsonAsync(new SessionToken { Token = "t", ExpirationTimestamp = DateTimeOffset.MaxValue, ValidUntil = DateTimeOffset.MaxValue });
        });
        await app.StartAsync(Cancel);
        var directory = Directory.CreateTempSubdirectory("tka-test-");
        var token = Path.Combine(directory.FullName, "token");
        await File.WriteAllTextAsync(token, "x", Cancel);
        var options = new ClusterOptions { TokenService = { Url = app.Urls.First(), TokenFile = token, CaFile = "", Timeout = TimeSpan.FromSeconds(60) } };
        using var client = new OperatorTokenClient(
            Options.Create(options),
            Options.Create(new ApiOptions { SlowTimeout = TimeSpan.FromSeconds(60) }),
            new OngoingFailures(TimeProvider.System),
            TimeProvider.System,
            NullLoggerFactory.Instance);

        var asked = Enumerable.Range(0, Storm)
            .Select(i => client.RequestAsync($"tka-user-{i}", new SessionTokenRequest { Uid = "u", Username = "n" }, Cancel))
            .ToArray();
        await Eventually.TrueAsync(() => Volatile.Read(ref now) == 64, "as many as are let through have arrived");
        opened.SetResult();

        Assert.All(await Task.WhenAll(asked), answer => Assert.IsType<TokenAnswer.Issued>(answer));
        Assert.Equal(64, most);
        directory.Delete(recursive: true);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
