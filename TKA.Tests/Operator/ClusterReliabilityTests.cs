using System.Text.Json.Nodes;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Sessions;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>A cluster that misbehaves, and two operators on one.</summary>
public sealed class ClusterReliabilityTests(ITestOutputHelper output) : ReliabilityCases(output)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Case_11_a_watch_that_is_stalled_is_noticed_within_seconds(bool logout)
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
        world.TickLength = TimeSpan.FromMilliseconds(5);
        if (logout)
        {
            await world.LoginAsync(Alice);
            await world.ReadyAsync(Alice);
        }

        // Nothing arrives any more, though the connection lives. (What was open is opened again, and stalled then.)
        var stalled = 0;
        proxy.Rule = request => request.IsWatch && request.Path.EndsWith("/tkasignins", StringComparison.Ordinal) && Interlocked.Increment(ref stalled) == 1
            ? new Fault { StallAfterChunks = 0, StallFor = TimeSpan.FromMinutes(10) }
            : null;
        await Eventually.TrueAsync(() => stalled > 0, "the next watch");
        await (logout ? world.LogoutAsync(Alice) : world.LoginAsync(Alice));

        world.Time.Advance(ResourceInformerOptions.PromptSilenceLimit);
        await (logout ? world.GoneAsync(Alice) : world.ReadyAsync(Alice));
        Assert.Single(proxy.Log, request => request.IsList && request.Path.EndsWith("/tkasignins", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Case_11_a_logout_during_a_stall_takes_effect_within_fifteen_real_seconds()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy, Clock = TimeProvider.System });
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        var stalled = 0;
        proxy.Rule = request => request.IsWatch && request.Path.EndsWith("/tkasignins", StringComparison.Ordinal) && Interlocked.Increment(ref stalled) == 1
            ? new Fault { StallAfterChunks = 0, StallFor = TimeSpan.FromMinutes(10) }
            : null;
        await Eventually.TrueAsync(() => stalled > 0, "the next watch");

        var ended = TimeProvider.System.GetTimestamp();
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
        var took = TimeProvider.System.GetElapsedTime(ended);
        Output.WriteLine($"access was gone {took.TotalSeconds:F1} s after the logout");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Case_11_a_version_that_is_too_old_leads_to_a_new_list()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);

        // All watches break, and opening them again is answered with 410; meanwhile the session is ended.
        var gone = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        proxy.Rule = request => request.IsWatch && gone.TryAdd(request.Path, true) ? new Fault { Status = 410, Reason = "Expired" } : null;
        world.Time.Advance(TimeSpan.FromSeconds(151));
        await world.LogoutAsync(Alice);
        await world.UntilAsync(() => Task.FromResult(gone.Count >= 5), "every watch was answered with 410");

        await world.GoneAsync(Alice);
        Assert.True(proxy.Log.Count(request => request.IsList && request.Path.EndsWith("/tkasignins", StringComparison.Ordinal)) >= 2);
    }

    [Fact]
    public async Task Case_11_nothing_is_done_before_every_list_is_there()
    {
        await using var world = await SessionWorld.StartAsync();
        await using (await OperatorUnderTest.StartAsync(world, Setup()))
        {
            await world.LoginAsync(Alice);
            await world.ReadyAsync(Alice);
        }

        await using var proxy = await FaultProxy.StartAsync(world);
        var open = new TaskCompletionSource();
        var refused = 0;
        proxy.Rule = request => request.IsList && request.Path.EndsWith("/tkasignins", StringComparison.Ordinal) && !open.Task.IsCompleted && Interlocked.Increment(ref refused) > 0
            ? new Fault { Status = 503, Reason = "ServiceUnavailable" }
            : null;
        await using var tested = await OperatorUnderTest.StartWithoutWaitingAsync(world, Setup() with { Proxy = proxy });
        world.TickLength = TimeSpan.FromMilliseconds(200);
        await world.UntilAsync(() => Task.FromResult(refused >= 5), "five refused lists");
        Assert.False(tested.Leadership.IsLeading);
        Assert.StartsWith("503", await tested.ReadinessAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(proxy.Log, request => request.Method == "DELETE");

        open.SetResult();
        await world.UntilAsync(() => Task.FromResult(tested.Leadership.IsLeading), "the operator leads");
        Assert.True((await world.ReadyAsync(Alice)).IsReady());
        Assert.DoesNotContain(proxy.Log, request => request.Method == "DELETE");
    }

    [Fact]
    public async Task Case_12_conflicts_are_looked_at_again_and_overwrite_nothing()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        var (status, finalizers) = (0, 0);
        proxy.Rule = request => request.Method != "PATCH" || !request.Path.Contains("/tkasignins/", StringComparison.Ordinal) ? null
            : (request.Path.EndsWith("/status", StringComparison.Ordinal) ? ++status : ++finalizers) <= 5 ? new Fault { Status = 409, Reason = "Conflict" }
            : null;
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
        await world.LoginAsync(Alice);
        await world.Admin.MergePatchAsync(
            SessionNames.ForLogin(Alice), new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["team"] = "a" } } }, null, Cancel);

        var signin = await world.ReadyAsync(Alice);
        Assert.Equal(6, status);
        Assert.Equal("a", signin.Metadata.Labels["team"]);
        Assert.Contains(TkaSigninResource.Finalizer, signin.Metadata.Finalizers);

        await world.Admin.MergePatchAsync(
            signin.Metadata.Name,
            new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray(TkaSigninResource.Finalizer, "example.com/other") } },
            null,
            Cancel);
        await world.LogoutAsync(Alice);
        await world.UntilAsync(
            async () => (await world.GetAsync(Alice))?.Metadata.Finalizers is ["example.com/other"] && (await world.RemainsAsync(Alice)).Count == 0,
            "only the other's finalizer is left");
        Assert.Equal(6, finalizers);
        await world.Admin.MergePatchAsync(
            signin.Metadata.Name, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } }, null, Cancel);
        await world.GoneAsync(Alice);
    }

    [Fact]
    public async Task Case_13_a_throttling_cluster_is_left_alone_for_as_long_as_it_asks()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup() with { Proxy = proxy });
        var creates = 0;
        proxy.Rule = request => request.Method == "POST" && request.Path.EndsWith("/serviceaccounts", StringComparison.Ordinal)
            ? Interlocked.Increment(ref creates) switch
            {
                <= 10 => new Fault { Status = 429, Reason = "TooManyRequests", RetryAfterSeconds = 5 },
                <= 20 => new Fault { Status = 503, Reason = "ServiceUnavailable" },
                _ => null,
            }
            : null;
        var people = Enumerable.Range(0, 100).Select(i => $"user{i}@example.com").ToArray();
        foreach (var login in people)
        {
            await world.LoginAsync(login);
        }

        // At most one request of each worker was under way when the first answer came; then it is quiet.
        await Eventually.TrueAsync(() => creates > 0, "the first request");
        world.Time.Advance(TimeSpan.FromSeconds(4));
        await Eventually.TrueAsync(() => tested.Signins.Count == 100, "all sessions are known");
        Assert.InRange(creates, 1, 10);

        world.TickLength = TimeSpan.FromMilliseconds(100);
        foreach (var login in people)
        {
            await world.ReadyAsync(login);
        }

        await Invariants.HoldAsync(world);
        Assert.InRange(creates, 100, 160);
    }

    [Fact]
    public async Task Case_14_two_active_operators_come_to_the_same_result()
    {
        await using var world = await SessionWorld.StartAsync();
        var both = Setup() with { Configuration = new() { ["operator:leaderElection"] = "false" } };
        await using var one = await OperatorUnderTest.StartAsync(world, both);
        await using var other = await OperatorUnderTest.StartAsync(world, both);
        var people = Enumerable.Range(0, 20).Select(i => $"user{i}@example.com").ToArray();

        foreach (var login in people)
        {
            await world.LoginAsync(login);
        }

        foreach (var login in people)
        {
            await world.ReadyAsync(login);
            await world.LoginAsync(login, "tka-edit", namespaces: "default");
        }

        foreach (var login in people)
        {
            await world.ReadyAsync(login);
        }

        await Invariants.HoldAsync(world);
        Assert.Empty(await Invariants.RestartViolationsAsync(world, () =>
        {
            // Left to themselves they leave each other's work alone.
            world.Time.Advance(TimeSpan.FromSeconds(30));
            return Task.CompletedTask;
        }));

        foreach (var login in people)
        {
            await world.LogoutAsync(login);
        }

        foreach (var login in people)
        {
            await world.GoneAsync(login);
        }
    }
}
