using System.Buffers.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>The end of a session, with the clock of all parts in the test's hand.</summary>
public class ExpiryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_token_is_issued_at_or_after_the_end_even_while_the_operator_is_away()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Time = time });
        var alice = stack.From("127.0.0.1");
        var session = await alice.SignInAsync("""{"period":"30m"}""");
        (await alice.GetAsync(ApiRoutes.Token, wait: null)).Expect(200);

        await stack.StopOperatorAsync();
        time.SetUtcNow(session.Until);

        (await alice.GetAsync(ApiRoutes.Token, wait: null)).Expect(401);
        (await alice.GetAsync(ApiRoutes.Kubeconfig, wait: null)).Expect(401);
        (await alice.GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
    }

    [Fact]
    public async Task Near_the_end_a_token_ends_with_the_session_and_not_with_its_own_minimum()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Time = time });
        var alice = stack.From("127.0.0.1");
        var session = await alice.SignInAsync("""{"period":"30m"}""");

        time.Advance(TimeSpan.FromMinutes(26));
        var credential = (await alice.GetAsync(ApiRoutes.Token, wait: null)).Expect(200).Read(ContractsJsonContext.Default.ExecCredential);

        // A real cluster does not live by the test's clock: there the token's own end comes first.
        var own = ExpiryOf(credential.Status!.Token!);
        Assert.Equal(own < session.Until ? own : session.Until, credential.Status.ExpirationTimestamp);
    }

    [Fact]
    public async Task After_the_end_a_login_starts_a_new_session()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Time = time });
        var alice = stack.From("127.0.0.1");
        var first = await alice.SignInAsync("""{"period":"30m"}""");

        time.Advance(TimeSpan.FromMinutes(31));
        var second = await alice.SignInAsync("""{"period":"30m"}""");

        Assert.True(second.Until >= first.Until.AddMinutes(30));
    }

    private static DateTimeOffset ExpiryOf(string token)
    {
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
        return DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
    }
}
