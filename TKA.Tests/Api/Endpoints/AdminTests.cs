using System.Net;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary><c>/sessions</c>: only for admins, filtered, paged; and ending somebody's session.</summary>
public class AdminTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Admins_see_everybody_and_end_anybody()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        var (alice, bob, dave) = (stack.From("127.0.0.1"), stack.From("127.0.0.2"), stack.From("127.0.0.6"));
        await alice.SignInAsync();
        await stack.From("127.0.0.5").SignInAsync();
        await dave.SignInAsync();

        Assert.Equal("not-admin", (await alice.GetAsync(ApiRoutes.Sessions, wait: null)).Expect(403).Kind);
        var all = await ListAsync(dave, "");
        Assert.Equal(["alice@example.com", "alice@other.org", "dave@example.com"], all.Items.Select(item => item.Username).Order(StringComparer.Ordinal));
        Assert.All(all.Items, item => Assert.True(item.Provisioned && item.Until > item.Since));
        Assert.Single((await ListAsync(dave, "?user=ALICE@example.com")).Items);
        Assert.Equal(3, (await ListAsync(dave, "?role=view")).Items.Count);
        Assert.Empty((await ListAsync(dave, "?role=tka-admin")).Items);
        (await dave.GetAsync(ApiRoutes.Sessions + "?limit=0", wait: null)).Expect(400);
        (await dave.GetAsync(ApiRoutes.Sessions + "?continue=zzz", wait: null)).Expect(400);

        var first = await ListAsync(dave, "?limit=2");
        var second = await ListAsync(dave, $"?limit=2&continue={first.Continue}");
        Assert.Equal(2, first.Items.Count);
        Assert.Null(second.Continue);
        Assert.Equal(all.Items.Select(item => item.Name), first.Items.Concat(second.Items).Select(item => item.Name));

        var target = all.Items.Single(item => item.Username == "alice@example.com").Name;
        (await alice.CallAsync(HttpMethod.Delete, $"{ApiRoutes.Sessions}/{target}")).Expect(403);
        (await dave.CallAsync(HttpMethod.Delete, $"{ApiRoutes.Sessions}/{target}")).Expect(204);
        (await alice.GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
        (await stack.From("127.0.0.5").GetAsync(ApiRoutes.Login, wait: null)).Expect(200);
        (await dave.CallAsync(HttpMethod.Delete, $"{ApiRoutes.Sessions}/{target}")).Expect(404);
        (await dave.CallAsync(HttpMethod.Delete, $"{ApiRoutes.Sessions}/..%2f..%2fnope")).Expect(404);
        (await bob.CallAsync(HttpMethod.Delete, $"{ApiRoutes.Sessions}/{target}")).Expect(HttpStatusCode.Forbidden);

        // The page of an admin, where the operator has no Dapr.
        using var browser = TestTailnet.ClientFrom("127.0.0.6", stack.ApiUri);
        browser.DefaultRequestHeaders.Add("Accept", "text/html");
        Assert.Contains("This cluster keeps no history", await browser.GetStringAsync("/", Cancel), StringComparison.Ordinal);
    }

    private static async Task<SessionList> ListAsync(HttpClient client, string query) =>
        (await client.GetAsync(ApiRoutes.Sessions + query, wait: null)).Expect(200).Read(ContractsJsonContext.Default.SessionList);
}
