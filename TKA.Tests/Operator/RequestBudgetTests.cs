using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>What a session costs the cluster. Events are news, written behind, and not counted.</summary>
public sealed class RequestBudgetTests
{
    private const string Alice = "alice@example.com";

    [Fact]
    public async Task A_login_costs_four_requests_of_the_operator_a_logout_three_an_expiry_four()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Proxy = proxy });

        // A first token makes the caller's credential known; later ones within a minute cost no review.
        await world.LoginAsync("first@example.com");
        await tested.TokenAsync(await world.ReadyAsync("first@example.com"));

        var before = proxy.Log.Count;
        await world.LoginAsync(Alice);
        var bearer = await tested.AudienceTokenAsync("tka-api");
        using (await tested.RequestTokenAsync(await world.ReadyAsync(Alice), bearer: bearer))
        {
        }

        using (await tested.RequestTokenAsync(await world.ReadyAsync(Alice), bearer: bearer))
        {
        }

        await world.LoginAsync(Alice, period: "40m");
        await world.ReadyAsync(Alice);
        var life = Work(proxy, before);
        Assert.Equal(
            ["POST serviceaccounts", "POST clusterrolebindings", "PATCH status", "POST tokenreviews", "POST token", "POST token", "PATCH status"],
            life);

        before = proxy.Log.Count;
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
        Assert.Equal(["DELETE clusterrolebindings", "DELETE serviceaccounts", "PATCH tkasignins"], Work(proxy, before));

        before = proxy.Log.Count;
        world.Time.Advance(TimeSpan.FromMinutes(31));
        await world.GoneAsync("first@example.com");
        Assert.Equal(
            ["DELETE clusterrolebindings", "DELETE serviceaccounts", "DELETE tkasignins", "PATCH tkasignins"],
            Work(proxy, before).Where(request => !request.StartsWith("GET", StringComparison.Ordinal)));
    }

    private static string[] Work(FaultProxy proxy, int since) =>
    [
        .. proxy.Log.Skip(since)
            .Where(request => !request.IsWatch && !request.IsEvent && !request.IsLease && !request.IsDryRun && !request.IsLeavingPolicy)
            .Select(request => $"{request.Method} {Resource(request.Path)}"),
    ];

    private static string Resource(string path)
    {
        var parts = path.Split('/');
        return parts[^1] is "status" or "token" ? parts[^1] : parts.Last(part => part is "serviceaccounts" or "clusterrolebindings" or "rolebindings" or "tkasignins" or "tokenreviews" or "clusterroles" or "secrets" or "configmaps");
    }
}
