using System.Net;
using TKA.Operator.Ledger;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>The token of a new session is requested while its role is being bound, and handed out before its status is written.</summary>
public sealed class EarlyTokenTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";
    private const string Bob = "bob@example.com";
    private const string Carol = "carol@example.com";

    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_handed_out_when_the_role_is_bound_and_only_then()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(proxy));

        // The status cannot be written: the answer does not wait for it.
        proxy.Rule = StatusFails;
        var signin = await world.LoginAsync(Alice);
        var token = await tested.TokenAsync(signin);
        Assert.Equal(200, await world.TryPodsAsync(token.Token));
        Assert.Null((await world.GetAsync(Alice))!.Status?.ServiceAccount);

        // The role cannot be bound: the token that was requested meanwhile is not handed out.
        proxy.Rule = request => IsBinding(request) ? new Fault { Delay = Late, Status = 503, Reason = "ServiceUnavailable" } : null;
        var unbound = await world.LoginAsync(Bob);
        using (var refused = await tested.RequestTokenAsync(unbound))
        {
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter?.Delta);
        }

        Assert.Equal(1, TokensOf(proxy, unbound.Metadata.Name));

        // The session is ended while the role is being bound.
        proxy.Rule = request => IsBinding(request) ? new Fault { Delay = Late } : null;
        var ended = await world.LoginAsync(Carol);
        var asked = tested.RequestTokenAsync(ended);
        await Eventually.TrueAsync(() => TokensOf(proxy, ended.Metadata.Name) == 1, "the token is requested while the role is being bound");
        await world.LogoutAsync(Carol);
        using (var tooLate = await asked)
        {
            Assert.NotEqual(HttpStatusCode.OK, tooLate.StatusCode);
        }

        proxy.Rule = _ => null;
        await world.GoneAsync(Carol);
        await world.ReadyAsync(Alice);
        await world.ReadyAsync(Bob);
        await Invariants.HoldAsync(world);
    }

    /// <summary>The history is complete also for access that no status has ever told of.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_history_knows_of_it_when_the_status_was_never_written(bool crash)
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await using var proxy = await FaultProxy.StartAsync(world);
        var start = world.Time.GetUtcNow();
        proxy.Rule = StatusFails;
        var first = await OperatorUnderTest.StartAsync(world, Setup(proxy, crash ? null : dapr));
        await first.TokenAsync(await world.LoginAsync(Alice));
        if (crash)
        {
            // What it had not written to the ledger is lost with it, and the session ends before another operator has seen it.
            proxy.Kill();
            await first.DisposeAsync();
        }

        await world.LogoutAsync(Alice);
        await using var last = crash ? await OperatorUnderTest.StartAsync(world, Setup(null, dapr)) : first;
        await world.GoneAsync(Alice);
        var record = Assert.Single(await RecordedSessions.ReadAsync(world, last, start, records => records is [{ Ended: not null }]));
        Assert.Equal(("view", SessionEndings.Ended), (Assert.Single(record.Grants).Role, record.How));
    }

    private OperatorSetup Setup(FaultProxy? proxy, TestDapr? dapr = null)
    {
        var configuration = new Dictionary<string, string?> { ["operator:tokenService:readyWait"] = "00:00:30", ["operator:leaderElection"] = "false" };
        if (dapr is not null)
        {
            configuration["DAPR_GRPC_ENDPOINT"] = dapr.GrpcEndpoint.ToString();
        }

        return new OperatorSetup { Proxy = proxy, Output = output, Configuration = configuration };
    }

    /// <summary>The pass starts late, so that the request for the token is there before it is over.</summary>
    private static Fault? StatusFails(ProxiedRequest request) =>
        request.Method == "PATCH" && request.Path.EndsWith("/status", StringComparison.Ordinal) ? new Fault { Status = 503, Reason = "ServiceUnavailable" }
        : request.Method == "POST" && request.Path.EndsWith("/serviceaccounts", StringComparison.Ordinal) ? new Fault { Delay = Late }
        : null;

    private static bool IsBinding(ProxiedRequest request) => request.Method == "POST" && request.Path.EndsWith("/clusterrolebindings", StringComparison.Ordinal) && !request.IsDryRun;

    private static int TokensOf(FaultProxy proxy, string session) =>
        proxy.Log.Count(request => request.Path.EndsWith($"/serviceaccounts/{session}/token", StringComparison.Ordinal));
}
