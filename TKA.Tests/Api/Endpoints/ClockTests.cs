using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>An API whose clock is wrong: sessions are counted by the cluster's.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public async Task A_session_is_as_long_as_granted(int minutesAhead)
    {
        var clock = new OffsetTime(TimeProvider.System) { Offset = TimeSpan.FromMinutes(minutesAhead) };
        await using var stack = await TkaStack.StartAsync(
            TestContext.Current.CancellationToken,
            new TkaStackOptions { ConfigureApi = builder => builder.Services.AddSingleton<TimeProvider>(clock) });
        var before = TimeProvider.System.GetUtcNow();

        var session = await stack.From("127.0.0.1").SignInAsync("""{"period":"10m"}""");

        Assert.InRange(session.Until, before.AddMinutes(9.5), before.AddMinutes(11));
        (await stack.From("127.0.0.1").CallAsync(HttpMethod.Get, ApiRoutes.Kubeconfig)).Expect(200);
    }
}
