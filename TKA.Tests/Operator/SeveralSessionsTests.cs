using System.Text.Json.Nodes;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Sessions of one person beside each other, in the cluster.</summary>
public sealed class SeveralSessionsTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";
    private const string Beside = Alice + "#tka-edit";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_has_its_own_account_tokens_and_end()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });
        await world.LoginAsync(Alice, period: "30m");
        await world.LoginAsync(Beside, period: "10m", namespaces: "default");
        var (first, second) = (await world.ReadyAsync(Alice), await world.ReadyAsync(Beside));
        var (view, edit) = (await tested.TokenAsync(first), await tested.TokenAsync(second));

        Assert.Equal(("base", "tka-edit"), (first.Status!.Session, second.Status!.Session));
        Assert.NotEqual(first.Status.ServiceAccount!.Uid, second.Status.ServiceAccount!.Uid);
        Assert.Equal(200, await world.TryPodsAsync(view.Token));
        Assert.Equal(200, await world.TryPodsAsync(edit.Token, "default"));
        await Invariants.HoldAsync(world);

        world.Time.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await world.GoneAsync(Beside);
        await world.UntilAsync(async () => await world.TryPodsAsync(edit.Token, "default") == 401, "the token is refused");
        Assert.Equal(200, await world.TryPodsAsync(view.Token));
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task The_role_is_immutable_except_in_the_base_session()
    {
        await using var world = await SessionWorld.StartAsync();
        await world.LoginAsync(Alice);
        await world.LoginAsync(Beside, namespaces: "default");

        await world.LoginAsync(Alice, "tka-admin");
        var beside = (await world.GetAsync(Beside))!;
        beside.Spec = beside.Spec with { Role = "tka-admin" };
        var refused = await Assert.ThrowsAsync<KubernetesRequestException>(() => world.Api.ReplaceAsync(beside, Cancel));

        Assert.Equal(KubernetesError.Invalid, refused.Error);
        Assert.Contains("immutable", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upgrade_keeps_live_sessions_without_a_write()
    {
        await using var world = await SessionWorld.StartAsync();
        await using (await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output }))
        {
            await world.LoginAsync(Alice);
            await world.ReadyAsync(Alice);
        }

        // As the version before leaves it: no label, no kind in the status.
        var name = SessionNames.ForLogin(Alice);
        var unlabelled = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [TkaLabels.SessionOf] = null } } };
        await world.Admin.MergePatchAsync(name, unlabelled, null, Cancel);
        await world.ServiceAccounts.MergePatchAsync(name, unlabelled.DeepClone().AsObject(), null, Cancel);
        await world.Admin.MergePatchAsync(name, new JsonObject { ["status"] = new JsonObject { ["session"] = null } }, "status", Cancel);

        await Invariants.HoldAsync(world);
        await using var upgraded = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });
        await upgraded.TokenAsync((await world.GetAsync(Alice))!);
        await world.LoginAsync(Beside, namespaces: "default");
        await world.ReadyAsync(Beside);
        await world.LoginAsync(Alice, period: "40m");
        Assert.Equal("base", (await world.ReadyAsync(Alice)).Status!.Session);
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
        Assert.True((await world.GetAsync(Beside))!.IsReady());
    }
}
