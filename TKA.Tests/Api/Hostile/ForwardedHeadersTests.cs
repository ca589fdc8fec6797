using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Hostile;

/// <summary>
/// Aspire sets <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED=true</c>, and ASP.NET Core then rewrites the remote address from
/// X-Forwarded-For, trusting anyone. In a process of its own, because the variable is read while the host is built.
/// </summary>
[Collection(Alone.Name)]
public class ForwardedHeadersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_becomes_somebody_else_although_the_environment_says_to_believe_headers()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Operator = false });
        await using var api = await ApiProcess.StartAsync(stack, Cancel, ("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true"));
        using var alice = TestTailnet.ClientFrom("127.0.0.1", api.Uri);
        using var carol = TestTailnet.ClientFrom("127.0.0.3", api.Uri);
        (string, string)[] forgery = [("X-Forwarded-For", "127.0.0.6"), ("X-Forwarded-Proto", "http"), ("Tailscale-User-Login", "dave@example.com")];

        var reply = await alice.CallAsync(HttpMethod.Get, ApiRoutes.Access, null, forgery);

        Assert.Equal("alice@example.com", reply.Expect(200).Read(ContractsJsonContext.Default.AccessResponse).Username);
        (await carol.CallAsync(HttpMethod.Get, ApiRoutes.Access, null, forgery)).Expect(403);
        (await carol.CallAsync(HttpMethod.Get, ApiRoutes.Sessions, null, forgery)).Expect(403);
    }
}
