using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

public class RateLimitTests
{
    [Fact]
    public async Task Each_person_has_a_limit_of_their_own()
    {
        await using var stack = await TkaStack.StartAsync(TestContext.Current.CancellationToken, new TkaStackOptions
        {
            Operator = false,
            ApiSettings = new Dictionary<string, string?> { ["api:rateLimit:permitsPerMinute"] = "1", ["api:rateLimit:burst"] = "5" },
        });
        var alice = stack.From("127.0.0.5");
        for (var i = 0; i < 5; i++)
        {
            (await alice.GetAsync(ApiRoutes.Access, wait: null)).Expect(200);
        }

        var reply = (await alice.GetAsync(ApiRoutes.Access, wait: null)).Expect(429);

        Assert.Equal("rate-limited", reply.Kind);
        Assert.InRange(reply.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        (await stack.From("127.0.0.2").GetAsync(ApiRoutes.Access, wait: null)).Expect(200);
    }
}
