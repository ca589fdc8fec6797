using System.Net.Sockets;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>
/// Case 5: the operator dies right before or right after its k-th request, for every k; the next one finishes the job. Two classes, so that
/// they run beside each other.
/// </summary>
public abstract class Crashes(ITestOutputHelper output, bool killAfter)
{
    /// <summary>More requests than the life has; the run stops at the first k that is not reached.</summary>
    private const int MoreThanEnough = 200;

    [Fact]
    public Task Case_05_crash_at_every_request_from_login_to_logout() => RunAsync(LoginToLogoutAsync);

    [Fact]
    public Task Case_05_crash_at_every_request_from_login_to_expiry() => RunAsync(LoginToExpiryAsync);

    private async Task RunAsync(Func<SessionWorld, Crash, string, Task> life)
    {
        await using var world = await SessionWorld.StartAsync();
        await StartBystanderAsync(world);
        var crashes = 0;
        for (var k = 1; k <= MoreThanEnough; k++)
        {
            var login = $"user{k}@example.com";
            await using var crash = new Crash(world, k, killAfter);

            // The bystander's session lives through every crash and is not to be touched by any.
            await Invariants.HoldAsync(world, restart: () => crash.DuringAsync(() => life(world, crash, login)));
            await world.GoneAsync(login);
            await world.GoneAsync(login + "#tka-admin");
            if (!crash.Happened)
            {
                break;
            }

            crashes++;
        }

        output.WriteLine($"{crashes} crashes");
        Assert.InRange(crashes, 10, MoreThanEnough - 1);
    }

    private static async Task StartBystanderAsync(SessionWorld world)
    {
        await using var first = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Configuration = new() { ["operator:leaderElection"] = "false" } });
        await world.LoginAsync("bystander@example.com", period: "24h");
        await world.LoginAsync("bystander@example.com#tka-edit", period: "24h", namespaces: "default");
        await world.ReadyAsync("bystander@example.com");
        await world.ReadyAsync("bystander@example.com#tka-edit");
    }

    private static async Task LoginToLogoutAsync(SessionWorld world, Crash crash, string login)
    {
        // A token that is asked for at once is handed out before the status is written; the one below after it.
        await crash.TokenAsync(await world.LoginAsync(login));
        Assert.Contains("clusterrolebinding view", await world.RemainsAsync(login));
        await world.ReadyAsync(login);
        await world.LoginAsync(login + "#tka-admin", namespaces: "default");
        await crash.TokenAsync(await world.ReadyAsync(login + "#tka-admin"));
        await world.LoginAsync(login, period: "40m");
        await world.ReadyAsync(login);
        await world.LoginAsync(login, "tka-edit", namespaces: "default");
        await world.ReadyAsync(login);
        Assert.Contains("rolebinding default tka-edit", await world.RemainsAsync(login));
        await world.LogoutAsync(login);
        await world.GoneAsync(login);

        // The one beside lives on when the base has ended.
        Assert.Contains("rolebinding default tka-admin", await world.RemainsAsync(login + "#tka-admin"));
        await world.LogoutAsync(login + "#tka-admin");
        await world.GoneAsync(login + "#tka-admin");
    }

    private static async Task LoginToExpiryAsync(SessionWorld world, Crash crash, string login)
    {
        await world.LoginAsync(login, period: "10m");
        await world.LoginAsync(login + "#tka-admin", period: "20m", namespaces: "default");
        await world.ReadyAsync(login + "#tka-admin");
        var ready = await world.ReadyAsync(login);
        Assert.Equal(ConditionReasons.Provisioned, ready.Status!.Conditions![0].Reason);
        await crash.TokenAsync(ready);
        world.Time.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await world.GoneAsync(login);
        Assert.True((await world.GetAsync(login + "#tka-admin"))!.IsReady());
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await world.GoneAsync(login + "#tka-admin");
    }

    /// <summary>Two operators, one after the other: the first dies at its k-th request, if it gets that far.</summary>
    private sealed class Crash(SessionWorld world, int k, bool killAfter) : IAsyncDisposable
    {
        private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private FaultProxy? _proxy;
        private OperatorUnderTest? _first;
        private OperatorUnderTest? _second;
        private int _seen;

        public bool Happened => _died.Task.IsCompleted;

        public async Task DuringAsync(Func<Task> life)
        {
            _proxy = await FaultProxy.StartAsync(world);
            _proxy.Rule = Decide;
            var setup = new OperatorSetup { Proxy = _proxy, Configuration = new() { ["operator:leaderElection"] = "false", ["operator:drainTimeout"] = "00:00:00" } };
            _first = await OperatorUnderTest.StartWithoutWaitingAsync(world, setup);
            var living = life();
            if (await Task.WhenAny(_died.Task, living) == _died.Task)
            {
                await _first.DisposeAsync();
                _second = await OperatorUnderTest.StartWithoutWaitingAsync(world, setup with { Proxy = null });
            }

            await living;
        }

        /// <summary>Asks whichever operator there is until one answers.</summary>
        public Task TokenAsync(TkaSignin signin) => world.UntilAsync(
            async () =>
            {
                if ((Happened ? _second : _first) is not { } running)
                {
                    return false;
                }

                try
                {
                    using var response = await running.RequestTokenAsync(signin);
                    return response.IsSuccessStatusCode;
                }
                catch (Exception exception) when (exception is HttpRequestException or SocketException or OperationCanceledException or InvalidOperationException or Xunit.Sdk.FailException)
                {
                    // It died in the middle.
                    return false;
                }
            },
            "a token");

        public async ValueTask DisposeAsync()
        {
            await (_second?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (_first?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        private Fault? Decide(ProxiedRequest request)
        {
            // Watches live through everything, and Events are news, not work.
            if (request.IsWatch || request.IsEvent || Interlocked.Increment(ref _seen) != k)
            {
                return null;
            }

            _died.TrySetResult();
            return killAfter ? new Fault { KillAfter = true } : new Fault { KillBefore = true };
        }
    }
}
