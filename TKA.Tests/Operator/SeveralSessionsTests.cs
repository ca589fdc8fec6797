using System.Text.Json.Nodes;
using k8s.Models;
using TKA.Contracts;
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

    /// <summary>Replicas of the API that do not see each other's sessions let more than 8 through.</summary>
    [Fact]
    public async Task Of_ten_sessions_at_once_eight_are_started_and_two_refused()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });

        await Task.WhenAll(Enumerable.Range(0, 10).Select(number => world.Api.CreateAsync(Numbered(world, number), Cancel)));
        IReadOnlyList<TkaSignin> ready = [], refused = [];
        await world.UntilAsync(
            async () =>
            {
                var all = (await world.Admin.ListAsync(null, Cancel)).Items;
                ready = [.. all.Where(signin => signin.IsReady())];
                refused = [.. all.Where(signin => signin.IsRejected())];
                return ready.Count + refused.Count == 10;
            },
            "each is started or refused");
        Assert.Equal(8, ready.Count);
        Assert.All(refused, signin => Assert.Equal(ConditionReasons.TooManySessions, signin.ReadyCondition()!.Reason));
        Assert.Equal(8, (await world.ServiceAccounts.ListAsync(null, Cancel)).Items.Count(account => account.Metadata.Name.StartsWith("tka-user-alice", StringComparison.Ordinal)));
        await world.LoginAsync("bob@example.com");
        await world.ReadyAsync("bob@example.com");

        // What was refused stays refused, also for an operator that starts anew when there is place; the next sign-in is judged anew.
        await world.Api.DeleteAsync(ready[0].Metadata.Name, null, Cancel);
        await world.UntilAsync(async () => await world.Admin.TryGetAsync(ready[0].Metadata.Name, Cancel) is null, "one has ended");
        await world.RestartAsync();
        var again = (await world.Admin.TryGetAsync(refused[0].Metadata.Name, Cancel))!;
        Assert.True(again.IsRejected());
        world.Time.Advance(TimeSpan.FromSeconds(2));
        again.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn] = UtcTimeConverter.ToText(world.Clock.GetUtcNow());
        await world.Api.ReplaceAsync(again, Cancel);
        await world.UntilAsync(async () => (await world.Admin.TryGetAsync(again.Metadata.Name, Cancel))!.IsReady(), "the next sign-in is started");
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

    private static TkaSignin Numbered(SessionWorld world, int number) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = $"{SessionNames.ForLogin(Alice)}.{number:x8}",
            NamespaceProperty = world.Tka.SessionsNamespace,
            Finalizers = [TkaSigninResource.Finalizer],
            Annotations = new Dictionary<string, string> { [TkaAnnotations.LastAttemptedSignIn] = UtcTimeConverter.ToText(world.Clock.GetUtcNow()) },
        },
        Spec = new TkaSigninSpec { Username = Alice, Role = "view", ValidityPeriod = "30m", Node = new SigninNode { Name = "laptop", StableId = "n1CNTRL" } },
    };
}
