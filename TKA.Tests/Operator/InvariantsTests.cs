using System.Text.Json.Nodes;
using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Sessions.Access;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>The judge of the other tests sees what is wrong: each invariant is broken once by hand, with no operator there to put it right.</summary>
public sealed class InvariantsTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_healthy_world_breaks_none()
    {
        await using var world = await SessionWorld.StartAsync();
        await ProvisionAsync(world);

        Assert.Empty(await Invariants.ViolationsAsync(world));
    }

    [Fact]
    public async Task I1_objects_without_a_session()
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);
        await ForceDeleteAsync(world, signin);
        var orphan = AccessObjects.ServiceAccount(signin);
        orphan.Metadata.OwnerReferences = null;
        orphan.Metadata.Name = "left-behind";
        await world.ServiceAccounts.CreateAsync(orphan, Cancel);

        await BrokenAsync(world, "I1", "left-behind has no TkaSignin");
    }

    [Fact]
    public async Task I2_and_I7_access_after_the_end_that_nobody_owns_up_to()
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);
        world.Time.Advance(TimeSpan.FromMinutes(31));

        await BrokenAsync(world, "I2", "has access at");
        await BrokenAsync(world, "I7", "does not say");

        // Owning up satisfies the one and not the other.
        var condition = signin.ReadyCondition()! with { Status = "False", Reason = ConditionReasons.RevocationFailed };
        await WriteStatusAsync(world, signin, signin.Status! with { Conditions = [condition] });
        await BrokenAsync(world, "I2", "has access at");
        Assert.DoesNotContain(await Invariants.ViolationsAsync(world), wrong => wrong.StartsWith("I7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task I2_a_session_that_claims_to_last_longer_than_was_asked_for()
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);
        world.Time.Advance(TimeSpan.FromMinutes(32));

        // As a clock that runs behind would have it: signed in only now.
        var latest = await world.Admin.GetAsync(signin.Metadata.Name, Cancel);
        latest.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn] = UtcTimeConverter.ToText(world.Clock.GetUtcNow());
        await world.Api.ReplaceAsync(latest, Cancel);

        await BrokenAsync(world, "I2", "has access at");
    }

    [Fact]
    public async Task I3_another_role_than_the_session_says()
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);
        await world.ClusterRoleBindings.DeleteAsync(SessionNames.ForBinding(world.Tka.SessionsNamespace, signin.Metadata.Name, "view"), null, Cancel);

        await BrokenAsync(world, "I3", "should have view in []");
    }

    [Fact]
    public async Task I4_an_identity_that_is_somebody_elses()
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);
        await world.ServiceAccounts.MergePatchAsync(
            signin.Metadata.Name,
            new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [TkaAnnotations.Username] = "mallory@example.com" } } },
            null,
            Cancel);

        await BrokenAsync(world, "I4", "belongs to mallory@example.com");
    }

    [Fact]
    public async Task I4_two_sessions_of_one_role()
    {
        await using var world = await SessionWorld.StartAsync();
        await ProvisionAsync(world);
        await world.LoginAsync(Alice + "#view");

        await BrokenAsync(world, "I4", "has 2 sessions of role view");
    }

    [Fact]
    public async Task I5_ready_without_the_ServiceAccount_it_names()
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);
        await world.ServiceAccounts.DeleteAsync(signin.Metadata.Name, null, Cancel);

        await BrokenAsync(world, "I5", "the cluster has none");
    }

    [Theory]
    [InlineData("tka-user-nobody-00000000", 0, 10, "nobody had signed in")]
    [InlineData(null, 32, 10, "after its end")]
    [InlineData(null, 0, 32, "past")]
    [InlineData(null, 25, 12, "past")]
    public async Task I6_tokens_that_outlive_their_session(string? session, int issuedAfterMinutes, int lifetimeMinutes, string expected)
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);
        var at = world.Clock.GetUtcNow();
        world.Tokens.Take(new IssuedToken(signin.Metadata.Name, at, TimeSpan.FromMinutes(30)));
        world.Tokens.Take(new IssuedToken(signin.Metadata.Name, at.AddMinutes(29), TimeSpan.FromMinutes(10)));
        Assert.Empty(await Invariants.ViolationsAsync(world));

        world.Tokens.Take(new IssuedToken(session ?? signin.Metadata.Name, at.AddMinutes(issuedAfterMinutes), TimeSpan.FromMinutes(lifetimeMinutes)));

        await BrokenAsync(world, "I6", expected);
    }

    [Fact]
    public async Task I6_sees_the_tokens_that_operators_get_with_a_proxy_and_without()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world);
        await using var other = await OperatorUnderTest.StartWithoutWaitingAsync(world, new OperatorSetup { Proxy = proxy });
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);
        await tested.TokenAsync(signin);
        await other.TokenAsync(signin);

        Assert.Equal(2, world.Tokens.Issued.Count);
        Assert.All(world.Tokens.Issued, token => Assert.InRange(token.Lifetime, TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(31)));
    }

    [Fact]
    public async Task I8_a_restart_that_changes_something()
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);

        Assert.Empty(await Invariants.RestartViolationsAsync(world, () => Task.CompletedTask));
        var changed = await Invariants.RestartViolationsAsync(world, () => world.ServiceAccounts.MergePatchAsync(
            signin.Metadata.Name, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["x"] = "y" } } }, null, Cancel));
        Assert.StartsWith($"I8: a restart changed {signin.Metadata.Name}", Assert.Single(changed), StringComparison.Ordinal);
        var ended = await Invariants.RestartViolationsAsync(world, () => ForceDeleteAsync(world, signin));
        Assert.Contains(ended, wrong => wrong == $"I8: a restart ended {signin.Metadata.Name}");
    }

    [Fact]
    public async Task I8_a_restart_of_the_operator_writes_nothing()
    {
        await using var world = await SessionWorld.StartAsync();
        await using (await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output }))
        {
            foreach (var i in Enumerable.Range(0, 10))
            {
                await (i % 2 == 0 ? world.LoginAsync($"user{i}@example.com") : world.LoginAsync($"user{i}@example.com", "tka-edit", namespaces: "default"));
            }

            foreach (var i in Enumerable.Range(0, 10))
            {
                await world.ReadyAsync($"user{i}@example.com");
            }
        }

        await using var proxy = await FaultProxy.StartAsync(world);
        await Invariants.HoldAsync(world, restart: async () =>
        {
            await using var restarted = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output, Proxy = proxy });
            await world.UntilAsync(() => Task.FromResult(restarted.Metric("tka_reconcile_total") >= 10), "every session was looked at");
        });
        Assert.DoesNotContain(proxy.Log, request => request.IsWrite && !request.IsLease && !request.IsLeavingPolicy);
        Assert.Equal(4, proxy.Log.Count(request => request.IsList));
    }

    [Fact]
    public async Task I9_an_operator_that_asks_too_often_for_one_session()
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);
        var request = new ProxiedRequest(1, "POST", "/api/v1/namespaces/x/serviceaccounts", "", System.Text.Encoding.UTF8.GetBytes(signin.Metadata.Name));
        foreach (var component in new[] { this, new object() })
        {
            for (var i = 0; i < RequestRates.Limit; i++)
            {
                world.Rates.Add(component, request);
            }
        }

        Assert.Empty(await Invariants.ViolationsAsync(world));
        world.Rates.Add(this, request);
        await BrokenAsync(world, "I9", $"{RequestRates.Limit + 1} x POST");
    }

    /// <summary>A session in place, made by an operator that is gone.</summary>
    [Fact]
    public async Task I10_a_session_that_is_shown_as_ready_without_its_role()
    {
        await using var world = await SessionWorld.StartAsync();
        var role = $"role-{Guid.NewGuid():N}";
        var signin = await ProvisionAsync(world);
        var latest = await world.Admin.GetAsync(signin.Metadata.Name, Cancel);
        latest.Spec = latest.Spec with { Role = role };
        latest = await world.Api.ReplaceAsync(latest, Cancel);
        var ready = signin.ReadyCondition()! with { ObservedGeneration = latest.Metadata.Generation };
        await WriteStatusAsync(world, signin, signin.Status! with { ObservedGeneration = latest.Metadata.Generation, Conditions = [ready] });

        await BrokenAsync(world, "I10", $"role {role} does not exist");
    }

    [Fact]
    public async Task I10_a_session_that_people_see_otherwise_than_it_is()
    {
        await using var world = await SessionWorld.StartAsync();
        await ProvisionAsync(world);
        var view = await ClusterView.ReadAsync(world);
        var shown = Assert.Single(view.Shown);

        Assert.Contains(Invariants.Judge(view with { Shown = [] }), wrong => wrong.EndsWith("lives and is not shown", StringComparison.Ordinal));
        Assert.Contains(Invariants.Judge(view with { Signins = [] }), wrong => wrong.Contains("has no such session", StringComparison.Ordinal));
        Assert.Contains(Invariants.Judge(view with { Shown = [shown with { Provisioned = false }] }), wrong => wrong.StartsWith("I10: ", StringComparison.Ordinal));
        Assert.Contains(Invariants.Judge(view with { Shown = [shown with { Until = shown.Until + TimeSpan.FromSeconds(3) }] }), wrong => wrong.StartsWith("I10: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task I10_what_is_shown_later_than_two_seconds()
    {
        await using var world = await SessionWorld.StartAsync();
        var signin = await ProvisionAsync(world);
        Assert.Empty((await ClusterView.ReadAsync(world)).ShownLate);
        var (shown, changed) = (new ShownSessions(world.Api), signin);
        await using (shown)
        {
            // A cluster that always is one change ahead of what is shown is not late; one whose change does not come is.
            await shown.ReadAsync(() => Task.FromResult<IReadOnlyList<TkaSignin>>([signin]), world.Clock);
            changed = new TkaSignin { Metadata = new() { Name = signin.Metadata.Name, Uid = signin.Metadata.Uid, ResourceVersion = "999999999999" }, Spec = signin.Spec, Status = signin.Status };
            var version = 999_999_999_999;
            await shown.ReadAsync(
                () =>
                {
                    changed.Metadata.ResourceVersion = $"{++version}";
                    return Task.FromResult<IReadOnlyList<TkaSignin>>([Copy(changed)]);
                },
                world.Clock);
            Assert.Empty(shown.Late);

            await shown.ReadAsync(() => Task.FromResult<IReadOnlyList<TkaSignin>>([changed]), world.Clock);
            Assert.Contains("is not shown within 2 s", Assert.Single(shown.Late), StringComparison.Ordinal);
        }

        static TkaSignin Copy(TkaSignin one) => new() { Metadata = new() { Name = one.Metadata.Name, Uid = one.Metadata.Uid, ResourceVersion = one.Metadata.ResourceVersion }, Spec = one.Spec, Status = one.Status };
    }

    private static async Task<TkaSignin> ProvisionAsync(SessionWorld world)
    {
        await using var provider = await OperatorUnderTest.StartAsync(world);
        await world.LoginAsync(Alice);
        return await world.ReadyAsync(Alice);
    }

    private static async Task BrokenAsync(SessionWorld world, string invariant, string how)
    {
        var violations = await Invariants.ViolationsAsync(world);
        Assert.Contains(violations, wrong => wrong.StartsWith(invariant + ": ", StringComparison.Ordinal) && wrong.Contains(how, StringComparison.Ordinal));
    }

    private static async Task ForceDeleteAsync(SessionWorld world, TkaSignin signin)
    {
        await world.Admin.MergePatchAsync(signin.Metadata.Name, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } }, null, Cancel);
        await world.Admin.DeleteAsync(signin.Metadata.Name, null, Cancel);
    }

    private static Task<TkaSignin> WriteStatusAsync(SessionWorld world, TkaSignin signin, TkaSigninStatus status) => world.Admin.MergePatchAsync(
        signin.Metadata.Name,
        new JsonObject { ["status"] = System.Text.Json.JsonSerializer.SerializeToNode(status, ContractsJsonContext.Default.TkaSigninStatus) },
        "status",
        Cancel);
}
