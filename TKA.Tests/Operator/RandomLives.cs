using System.Globalization;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Sessions;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>
/// Case 20: a thousand sessions live random lives while a proxy between operator and cluster misbehaves; in four worlds, which run beside
/// each other because most of their time is waiting. Set <c>TKA_FAULT_SEED</c> to replay a run and <c>TKA_FAULT_LIVES</c> for more or fewer
/// lives in each world.
/// </summary>
public abstract class RandomLives(ITestOutputHelper output, int number)
{
    private const int People = 40;

    /// <summary>The base session of each person, and the same two beside it as far as the base has not their role.</summary>
    private static readonly string[] Sessions = ["", "#view", "#tka-edit"];

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    private readonly int _seed = Number("TKA_FAULT_SEED", 20261124 + number);
    private readonly int _lives = Number("TKA_FAULT_LIVES", 250);
    private readonly Dictionary<string, Expected> _model = [];
    private int _ended;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Case_20_random_lives_under_random_faults_end_as_the_model_says()
    {
        output.WriteLine($"TKA_FAULT_SEED={_seed} TKA_FAULT_LIVES={_lives}");
        await using var world = await SessionWorld.StartAsync();
        var random = new Random(_seed);
        var faults = new RandomFaults(_seed);
        await using var life = new OperatorLife(world, faults);
        await life.StartAsync();
        try
        {
            for (var round = 0; _ended < _lives; round++)
            {
                await ActAsync(world, random);
                if (round % 3 == 2)
                {
                    await life.CrashAsync();
                }

                AdvanceTime(world, random);
                await AccessOfTheEndedIsGoneAsync(world, round);
                await TheLivingHaveWhatTheyAskedForAsync(world, round);
                await life.AskForTokensAsync(_model.Keys, random);
            }

            faults.Enabled = false;
            await TheLivingHaveWhatTheyAskedForAsync(world, -1);
            await Invariants.HoldAsync(world);
        }
        finally
        {
            output.WriteLine($"{_ended} lives ended, {life.Crashes} crashes, {world.Tokens.Issued.Count} tokens; {string.Join(", ", faults.Dealt.OrderBy(fault => fault.Key).Select(fault => $"{fault.Value} x {fault.Key}"))}");
        }
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    /// <summary>Each person does something or nothing.</summary>
    private async Task ActAsync(SessionWorld world, Random random)
    {
        foreach (var login in Enumerable.Range(0, People).SelectMany(i => Sessions.Select(session => $"user{i}@example.com{session}")))
        {
            var dice = random.Next(100);
            if (!_model.ContainsKey(login))
            {
                if (dice < 85)
                {
                    await LoginAsync(world, login, random);
                }
            }
            else if (dice < 45)
            {
                await world.LogoutAsync(login);
                End(login, world.Time.GetUtcNow());
                if (dice < 10)
                {
                    await LoginAsync(world, login, random);
                }
            }
            else if (dice < 60)
            {
                await LoginAsync(world, login, random);
            }
            else if (dice < 64)
            {
                await world.ServiceAccounts.DeleteAsync(SessionWorld.NameOf(login), null, Cancel);
            }
            else if (dice < 68 && _model[login].Namespace is null)
            {
                await world.ClusterRoleBindings.DeleteAsync(SessionNames.ForBinding(world.Tka.SessionsNamespace, SessionWorld.NameOf(login), _model[login].Role), null, Cancel);
            }
        }
    }

    private async Task LoginAsync(SessionWorld world, string login, Random random)
    {
        var person = login.Split('#')[0];
        var role = login.Split('#') is [_, var beside] ? beside : random.Next(4) switch { 0 => "tka-edit", 1 => "tka-admin", _ => "view" };
        if (Sessions.Any(session => person + session != login && _model.TryGetValue(person + session, out var other) && other.Role == role))
        {
            // The API holds the key of a session: no person has two of one role.
            return;
        }

        var minutes = 10 + random.Next(30);
        var ns = role != "view" || random.Next(4) == 0 ? "default" : null;
        var before = _model.GetValueOrDefault(login);
        var signin = await world.LoginAsync(login, role, $"{minutes}m", ns is null ? [] : [ns]);
        if (before is not null && before.Uid != signin.Metadata.Uid)
        {
            // It ran out in the very moment of being renewed.
            _ended++;
        }

        _model[login] = new Expected(signin.Metadata.Uid, role, ns, signin.LastAttemptedSignIn()!.Value.AddMinutes(minutes));
    }

    private void AdvanceTime(SessionWorld world, Random random)
    {
        world.Time.Advance(TimeSpan.FromMinutes(random.Next(12)));
        var now = world.Time.GetUtcNow();
        foreach (var (login, expected) in _model.ToArray())
        {
            if (expected.Until <= now)
            {
                End(login, now);
            }
        }
    }

    private void End(string login, DateTimeOffset _)
    {
        _model.Remove(login);
        _ended++;
    }

    /// <summary>The clock runs with the real one here: five seconds of the model are five real seconds for the operator to act in.</summary>
    private async Task AccessOfTheEndedIsGoneAsync(SessionWorld world, int round)
    {
        var since = TimeProvider.System.GetTimestamp();
        var ticked = TimeSpan.Zero;
        List<string> still;
        do
        {
            var elapsed = TimeProvider.System.GetElapsedTime(since);
            world.Time.Advance(elapsed - ticked);
            ticked = elapsed;
            still = await AccessWithoutSessionAsync(world);
            if (still.Count > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
            }
        }
        while (still.Count > 0 && TimeProvider.System.GetElapsedTime(since) < Bound);
        Assert.True(still.Count == 0, $"seed {_seed} round {round}: {Bound.TotalSeconds} s after their end these still have access: {string.Join(", ", still)}");
    }

    private async Task<List<string>> AccessWithoutSessionAsync(SessionWorld world)
    {
        var living = _model.Values.Select(expected => expected.Uid).ToHashSet();
        var accounts = await world.ServiceAccounts.ListAsync(TKA.Operator.Sessions.Access.SessionLabels.SelectorFor(world.Tka.SessionsNamespace), Cancel);
        return [.. accounts.Items.Where(account => !living.Contains(TKA.Operator.Sessions.Access.SessionLabels.SessionUidOf(account.Metadata)!)).Select(account => account.Metadata.Name)];
    }

    private async Task TheLivingHaveWhatTheyAskedForAsync(SessionWorld world, int round)
    {
        string? wrong = null;
        try
        {
            await world.UntilAsync(
                async () =>
                {
                    // A session that ends while we wait is no longer of interest.
                    AdvanceTime(world, NoTime);
                    wrong = await FirstDifferenceAsync(world);
                    return wrong is null;
                },
                "the living to have what they asked for",
                TimeSpan.FromSeconds(60));
        }
        catch (Xunit.Sdk.FailException)
        {
            Assert.Fail($"seed {_seed} round {round}: {wrong}");
        }
    }

    private async Task<string?> FirstDifferenceAsync(SessionWorld world)
    {
        var signins = (await world.Admin.ListAsync(null, Cancel)).Items.ToDictionary(signin => signin.Metadata.Name);
        foreach (var (login, expected) in _model)
        {
            if (!signins.TryGetValue(SessionWorld.NameOf(login), out var signin))
            {
                return $"{login} has lost the session {expected}";
            }

            if (!signin.IsReady() || !signin.ReflectsLatestSignIn() || signin.Metadata.Uid != expected.Uid || signin.Spec.Role != expected.Role || signin.ValidUntil() != expected.Until)
            {
                return $"{login} should be {expected}, is {signin.Metadata.Uid} {signin.Spec.Role} {signin.Status} {signin.ReadyCondition()}";
            }
        }

        return (await Invariants.ViolationsAsync(world)) is [var first, ..] ? first : null;
    }

    private static Random NoTime { get; } = new ZeroRandom();

    private sealed record Expected(string Uid, string Role, string? Namespace, DateTimeOffset Until);

    private sealed class ZeroRandom : Random
    {
        public override int Next(int maxValue) => 0;
    }

    /// <summary>One operator after the other, each behind a proxy of its own that deals the same faults.</summary>
    private sealed class OperatorLife(SessionWorld world, RandomFaults faults) : IAsyncDisposable
    {
        private FaultProxy? _proxy;
        private OperatorUnderTest? _operator;

        public int Crashes { get; private set; }

        public async Task StartAsync()
        {
            _proxy = await FaultProxy.StartAsync(world);
            _proxy.Rule = faults.Decide;
            _operator = await OperatorUnderTest.StartWithoutWaitingAsync(world, new OperatorSetup
            {
                Proxy = _proxy,
                Informers = new ResourceInformerOptions { SilenceLimit = TimeSpan.FromSeconds(1), MaxBackoff = TimeSpan.FromSeconds(1) },
                Configuration = new()
                {
                    ["operator:leaderElection"] = "false",
                    ["operator:drainTimeout"] = "00:00:00",
                    ["kubernetes:requestTimeout"] = "00:00:01",
                },
            });
        }

        /// <summary>Some people want tokens. Not all get one, as things are; those they get are judged with everything else.</summary>
        public async Task AskForTokensAsync(IEnumerable<string> logins, Random random)
        {
            foreach (var login in logins.Where(_ => random.Next(20) == 0).ToArray())
            {
                if (await world.GetAsync(login) is { } signin)
                {
                    using var response = await _operator!.RequestTokenAsync(signin);
                }
            }
        }

        public async Task CrashAsync()
        {
            Crashes++;
            _proxy!.Kill();
            await DisposeAsync();
            await StartAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _operator!.DisposeAsync();
            await _proxy!.DisposeAsync();
        }
    }
}
