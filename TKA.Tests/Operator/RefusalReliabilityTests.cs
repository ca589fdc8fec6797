using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>What is refused.</summary>
public sealed class RefusalReliabilityTests(ITestOutputHelper output) : ReliabilityCases(output)
{
    [Theory]
    [InlineData("cluster-admin", "8h", ConditionReasons.RoleNotAllowed)]
    [InlineData("system:masters", "8h", null)]
    [InlineData("nobody-knows-it", "8h", ConditionReasons.RoleNotAllowed)]
    [InlineData("tka-edit", "8h", ConditionReasons.RoleNotAllowed)]
    [InlineData("view", "9h", ConditionReasons.InvalidPeriod)]
    [InlineData("view", "24h1s", null)]
    [InlineData("view", "5m", null)]
    [InlineData("view", "soon", null)]
    public async Task Case_17_what_is_refused_gets_nothing_and_does_not_stay_for_ever(string role, string period, string? reason)
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Configuration = new() { ["operator:maxPeriod"] = "8h" } });
        if (reason is null)
        {
            // The resource's own schema refuses it, or the admission policy.
            var refused = await Assert.ThrowsAsync<KubernetesRequestException>(() => world.LoginAsync(Alice, role, period));
            Assert.True(refused.Error is KubernetesError.Invalid or KubernetesError.Forbidden, refused.Message);
            return;
        }

        await world.LoginAsync(Alice, role, period);
        var signin = await world.ReasonAsync(Alice, reason);
        Assert.Empty(await world.RemainsAsync(Alice));
        Assert.True(ConditionReasons.IsRejection(signin.ReadyCondition()!.Reason));
        await world.UntilAsync(async () => await world.CountEventsAsync("SessionRejected") == 1, "the Event");
        using var token = await tested.RequestTokenAsync(signin);
        Assert.Equal(409, (int)token.StatusCode);

        world.Time.Advance(TimeSpan.FromHours(9));
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task Case_17_a_session_that_asks_for_a_refused_role_loses_the_one_it_had()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        await world.LoginAsync(Alice, "tka-edit", namespaces: "default");
        await world.ReadyAsync(Alice);

        await world.LoginAsync(Alice, "cluster-admin");

        await world.ReasonAsync(Alice, ConditionReasons.RoleNotAllowed);
        Assert.Empty(await world.RemainsAsync(Alice));
        await world.LoginAsync(Alice, "view");
        await world.ReadyAsync(Alice);
    }

    [Fact]
    public async Task Case_17_a_missing_namespace_or_one_of_our_own_is_refused()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());

        await world.LoginAsync(Alice, "view", "30m", "no-such-namespace");
        await world.LoginAsync(Bob, "view", "30m", world.Tka.SystemNamespace);

        await world.ReasonAsync(Alice, ConditionReasons.NamespaceNotFound);
        await world.ReasonAsync(Bob, ConditionReasons.RoleNotAllowed);

        // A namespace may appear: the ServiceAccount stays, with no rights, so that its tokens are good then.
        Assert.Equal([$"serviceaccount {SessionNames.ForLogin(Alice)}"], await world.RemainsAsync(Alice));
        Assert.Empty(await world.RemainsAsync(Bob));
    }
}
