using TKA.Contracts.Sessions;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Case 5: the operator dies right before or right after its k-th request, for every k; the next one finishes the job.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    /// <summary>More requests than the life has; the run stops at the first k that is not reached.</summary>
    private const int MoreThanEnough = 200;

    [Fact]
    public Task Case_05_crash_before_every_request_from_login_to_logout() => RunAsync(killAfter: false, LoginToLogoutAsync);

    [Fact]
    public Task Case_05_crash_after_every_request_from_login_to_logout() => RunAsync(killAfter: true, LoginToLogoutAsync);

    [Fact]
    public Task Case_05_crash_before_every_request_from_login_to_expiry() => RunAsync(killAfter: false, LoginToExpiryAsync);

    [Fact]
    public Task Case_05_crash_after_every_request_from_login_to_expiry() => RunAsync(killAfter: true, LoginToExpiryAsync);

    private async Task RunAsync(bool killAfter, Func<SessionWorld, string, Task> life)
    {
        await using var world = await SessionWorld.StartAsync();
        var crashes = 0;
        for (var k = 1; k <= MoreThanEnough; k++)
        {
            var login = $"user{k}@example.com";
            var crashed = await LiveWithOneCrashAsync(world, k, killAfter, () => life(world, login));
            await world.GoneAsync(login);
            await Invariants.HoldAsync(world);
            if (!crashed)
            {
                break;
            }

            crashes++;
        }

        output.WriteLine($"{crashes} crashes");
        Assert.InRange(crashes, 10, MoreThanEnough - 1);
    }

    private static async Task<bool> LiveWithOneCrashAsync(SessionWorld world, int k, bool killAfter, Func<Task> life)
    {
        await using var proxy = await FaultProxy.StartAsync(world.Cluster);
        var seen = 0;
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Rule = request =>
        {
            // Watches live through everything, and Events are news, not work.
            if (request.IsWatch || request.IsEvent || Interlocked.Increment(ref seen) != k)
            {
                return null;
            }

            died.TrySetResult();
            return killAfter ? new Fault { KillAfter = true } : new Fault { KillBefore = true };
        };
        var setup = new OperatorSetup { Proxy = proxy, Configuration = new() { ["operator:leaderElection"] = "false", ["operator:drainTimeout"] = "00:00:00" } };
        var first = await OperatorUnderTest.StartWithoutWaitingAsync(world.Tka, world.Time, setup);
        OperatorUnderTest? second = null;
        var living = life();
        try
        {
            if (await Task.WhenAny(died.Task, living) == died.Task)
            {
                await first.DisposeAsync();
                second = await OperatorUnderTest.StartWithoutWaitingAsync(
                    world.Tka, world.Time, setup with { Proxy = null });
            }

            await living;
            return died.Task.IsCompleted;
        }
        finally
        {
            await first.DisposeAsync();
            if (second is not null)
            {
                await second.DisposeAsync();
            }
        }
    }

    private static async Task LoginToLogoutAsync(SessionWorld world, string login)
    {
        await world.LoginAsync(login);
        await world.ReadyAsync(login);
        await world.LoginAsync(login, period: "40m");
        await world.ReadyAsync(login);
        await world.LoginAsync(login, "edit");
        await world.ReadyAsync(login);
        Assert.Contains("clusterrolebinding edit", await world.RemainsAsync(login));
        await world.LogoutAsync(login);
        await world.GoneAsync(login);
    }

    private static async Task LoginToExpiryAsync(SessionWorld world, string login)
    {
        await world.LoginAsync(login, period: "10m");
        var ready = await world.ReadyAsync(login);
        Assert.Equal(ConditionReasons.Provisioned, ready.Status!.Conditions![0].Reason);
        world.Time.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await world.GoneAsync(login);
    }
}
