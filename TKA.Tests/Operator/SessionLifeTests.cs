using k8s.Models;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>A session from login to its end, against a cluster.</summary>
public sealed class SessionLifeTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";

    [Fact]
    public async Task A_login_gives_the_role_and_a_logout_takes_it_away()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });

        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);
        var token = await tested.TokenAsync(signin);

        Assert.Equal(200, await world.TryPodsAsync(token.Token));
        Assert.Equal(["serviceaccount " + signin.Metadata.Name, "clusterrolebinding view"], await world.RemainsAsync(Alice));

        using (var http = new HttpClient { BaseAddress = tested.Management })
        {
            var metrics = await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
            Assert.Contains("tka_active_user_sessions{", metrics, StringComparison.Ordinal);
            Assert.Contains("tka_sessions_overdue", metrics, StringComparison.Ordinal);
            Assert.DoesNotContain(Alice, metrics, StringComparison.Ordinal);
        }

        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
        await Eventually.TrueAsync(async () => await world.TryPodsAsync(token.Token) == 401, "the token is refused");
    }

    [Fact]
    public async Task A_session_for_namespaces_reaches_no_other()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });
        var one = await world.Cluster.CreateNamespaceAsync("team-a", TestContext.Current.CancellationToken);
        var other = await world.Cluster.CreateNamespaceAsync("team-b", TestContext.Current.CancellationToken);

        await world.LoginAsync(Alice, "view", "30m", one);
        var token = await tested.TokenAsync(await world.ReadyAsync(Alice));

        Assert.Equal(200, await world.TryPodsAsync(token.Token, one));
        Assert.Equal(403, await world.TryPodsAsync(token.Token, other));

        await world.LoginAsync(Alice, "view", "30m", other);
        await Eventually.TrueAsync(async () => await world.TryPodsAsync(token.Token, other) == 200, "the other namespace is reached");
        Assert.Equal(403, await world.TryPodsAsync(token.Token, one));

        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
    }
}
