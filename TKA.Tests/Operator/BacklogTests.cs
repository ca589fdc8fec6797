using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>What lives does not wait for what ends: hundreds of sessions that end at once hold no login and no renewal up.</summary>
public sealed class BacklogTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";
    private const string Bob = "bob@example.com";

    [Theory]
    [InlineData(10, 150)]
    [InlineData(1, 40)]
    public async Task A_renewal_and_a_login_do_not_wait_until_a_backlog_of_endings_is_done(int workers, int ending)
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Proxy = proxy, Configuration = new() { ["operator:workers"] = $"{workers}" } });
        var others = Enumerable.Range(0, ending).Select(i => $"p{i}@example.com").ToArray();
        await Parallel.ForEachAsync(others, async (person, _) => await world.LoginAsync(person, period: "10m"));
        await world.LoginAsync(Alice, period: "2h");
        foreach (var person in others.Append(Alice))
        {
            await world.ReadyAsync(person);
        }

        // A cluster under load: each deletion takes so long that the backlog lasts for seconds.
        proxy.Rule = static request => request.Method == "DELETE" ? new Fault { Delay = TimeSpan.FromMilliseconds(100) } : null;
        world.Time.Advance(TimeSpan.FromMinutes(11));
        await world.UntilAsync(async () => await LeftAsync(world) < ending, "the backlog is being worked on");
        await world.LoginAsync(Alice, period: "2h");
        await world.LoginAsync(Bob);
        await world.ReadyAsync(Alice);
        await world.ReadyAsync(Bob);

        var left = await LeftAsync(world);
        output.WriteLine($"{left} of {ending} sessions have not ended yet");
        Assert.InRange(left, ending / 2, ending);
    }

    private static async Task<int> LeftAsync(SessionWorld world) =>
        (await world.ServiceAccounts.ListAsync(null, TestContext.Current.CancellationToken)).Items.Count(account => account.Metadata.Name.StartsWith("tka-user-p", StringComparison.Ordinal));
}
