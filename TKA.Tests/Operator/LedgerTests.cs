using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts.Sessions;
using TKA.Operator.Ledger;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>The books in Dapr state: complete in the end, whatever Dapr does, and without effect on sessions.</summary>
public sealed class LedgerTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";
    private const string Bob = "bob@example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_books_say_who_had_which_role_when_and_how_it_ended()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        var start = world.Time.GetUtcNow();
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await world.LoginAsync(Alice, "tka-edit", namespaces: "default");
        await world.ReadyAsync(Alice);
        await world.LoginAsync(Bob, period: "10m");
        await world.ReadyAsync(Bob);
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await world.GoneAsync(Bob);

        var history = await RecordedSessions.ReadAsync(world, tested, start, records => records.Count == 2 && records.All(record => record.Ended is not null));
        var alice = history.Single(record => record.Username == Alice);
        var bob = history.Single(record => record.Username == Bob);
        Assert.Equal(["view", "tka-edit"], alice.Grants.Select(grant => grant.Role));
        Assert.Equal(alice.Grants[1].From, alice.Grants[0].Until);
        Assert.Equal((SessionEndings.Ended, "laptop"), (alice.How, alice.Node));
        Assert.Equal(SessionEndings.Expired, bob.How);

        // The record is there a moment before the operator has the store's answer.
        await world.UntilAsync(() => Task.FromResult(tested.Metric("tka_ledger_pending") == 0), "nothing waits to be written");
    }

    /// <summary>The history says which of a person's roles was held when; the metrics count each session.</summary>
    [Fact]
    public async Task Each_session_of_a_person_has_a_record_of_its_own()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        var start = world.Time.GetUtcNow();
        await world.LoginAsync(Alice);
        await world.LoginAsync(Alice + "#tka-edit", period: "10m", namespaces: "default");
        await world.ReadyAsync(Alice);
        await world.ReadyAsync(Alice + "#tka-edit");
        Assert.Equal(2, tested.Metric("tka_active_user_sessions"));

        world.Time.Advance(TimeSpan.FromMinutes(11));
        await world.GoneAsync(Alice + "#tka-edit");

        // The operator learns from its own watch what the cluster has already told this test.
        await world.UntilAsync(() => Task.FromResult(tested.Metric("tka_active_user_sessions") == 1), "one session");
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);

        var history = await RecordedSessions.ReadAsync(world, tested, start, records => records.Count == 2 && records.All(record => record.Ended is not null));
        Assert.All(history, record => Assert.Equal(Alice, record.Username));
        Assert.Equal(SessionEndings.Ended, history.Single(record => record.Grants is [{ Role: "view" }]).How);
        Assert.Equal(SessionEndings.Expired, history.Single(record => record.Grants is [{ Role: "tka-edit" }]).How);
    }

    [Fact]
    public async Task Without_Dapr_sessions_live_and_end_and_the_books_catch_up()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await dapr.DownAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        var start = world.Time.GetUtcNow();

        foreach (var i in Enumerable.Range(0, 20))
        {
            await world.LoginAsync($"user{i}@example.com", period: "10m");
        }

        foreach (var i in Enumerable.Range(0, 20))
        {
            await world.ReadyAsync($"user{i}@example.com");
        }

        world.Time.Advance(TimeSpan.FromMinutes(11));
        foreach (var i in Enumerable.Range(0, 20))
        {
            await world.GoneAsync($"user{i}@example.com");
        }

        Assert.Equal(20, tested.Metric("tka_ledger_pending"));
        await world.UntilAsync(async () => (await tested.ReadinessAsync()).Contains("[~]ledger degraded", StringComparison.Ordinal), "degraded");
        Assert.StartsWith("200", await tested.ReadinessAsync(), StringComparison.Ordinal);

        await dapr.UpAsync(Cancel);
        world.TickLength = TimeSpan.FromMilliseconds(200);
        var history = await RecordedSessions.ReadAsync(world, tested, start, records => records.Count == 20 && records.All(record => record.Ended is not null));
        Assert.All(history, record => Assert.Equal(SessionEndings.Expired, record.How));
        await world.UntilAsync(async () => (await tested.ReadinessAsync()).Contains("[+]ledger ok", StringComparison.Ordinal), "healthy again");
    }

    [Fact]
    public async Task A_failing_and_a_slow_Dapr_hold_nothing_up()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        var start = world.Time.GetUtcNow();
        var gate = new TaskCompletionSource();
        dapr.Faults.Gate = gate.Task;
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        dapr.Faults.Status = StatusCode.Unavailable;
        gate.SetResult();
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);

        dapr.Faults.Status = null;
        world.TickLength = TimeSpan.FromMilliseconds(200);
        var history = await RecordedSessions.ReadAsync(world, tested, start, records => records is [{ Ended: not null }]);
        Assert.Equal(SessionEndings.Ended, history[0].How);
    }

    [Fact]
    public async Task A_race_for_a_key_loses_nobody()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        var both = Setup(dapr);
        both.Configuration["operator:leaderElection"] = "false";
        await using var one = await OperatorUnderTest.StartAsync(world, both);
        await using var other = await OperatorUnderTest.StartAsync(world, both);
        var start = world.Time.GetUtcNow();

        // Both write the same pages of the same day and minute.
        foreach (var i in Enumerable.Range(0, 40))
        {
            await world.LoginAsync($"user{i}@example.com");
        }

        world.TickLength = TimeSpan.FromMilliseconds(50);
        var history = await RecordedSessions.ReadAsync(world, one, start, records => records.Count == 40);
        Assert.Equal(40, history.Select(record => record.Uid).Distinct().Count());
        Assert.All(history, record => Assert.Single(record.Grants));
    }

    [Fact]
    public async Task What_vanished_or_ended_while_away_is_closed_at_start()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        var start = world.Time.GetUtcNow();
        await using (var first = await OperatorUnderTest.StartAsync(world, Setup(dapr)))
        {
            await world.LoginAsync(Alice, period: "10m");
            await world.LoginAsync(Bob, period: "60m");
            await world.LoginAsync("carol@example.com", period: "60m");
            await world.ReadyAsync(Alice);
            await world.ReadyAsync(Bob);
            await world.ReadyAsync("carol@example.com");
            await RecordedSessions.ReadAsync(world, first, start, records => records.Count == 3);
        }

        foreach (var login in new[] { Alice, Bob })
        {
            await world.Admin.MergePatchAsync(
                SessionNames.ForLogin(login), new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } }, null, Cancel);
            await world.Admin.DeleteAsync(SessionNames.ForLogin(login), null, Cancel);
        }

        world.Time.Advance(TimeSpan.FromMinutes(20));
        await using var restarted = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        await world.GoneAsync(Alice);
        await world.GoneAsync(Bob);
        var history = await RecordedSessions.ReadAsync(world, restarted, start, records => records.Count(record => record.Ended is not null) == 2);
        Assert.NotNull(history.Single(record => record.Username == Alice).How);
        Assert.Equal(SessionEndings.Vanished, history.Single(record => record.Username == Bob).How);
        Assert.Null(history.Single(record => record.Username == "carol@example.com").Ended);
    }

    [Fact]
    public async Task The_history_is_for_auditors_and_the_API_and_comes_in_pages()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, world.Time);
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup(dapr));
        await world.LoginAsync(Alice);
        await world.LoginAsync(Bob, "tka-edit", namespaces: "default");
        await world.ReadyAsync(Alice);
        await world.ReadyAsync(Bob);
        using var http = await tested.CreateHttpClientAsync();

        // One token each, as a caller has: every new one costs a review, and those are limited.
        var tokens = new Dictionary<string, string>();
        foreach (var account in new[] { "tka-api", "tka-auditor", "tka-operator" })
        {
            tokens[account] = await tested.AudienceTokenAsync(account);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/v1/history", null)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("/v1/history", "tka-operator")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("/v1/history?from=tuesday", "tka-auditor")).Status);
        await world.UntilAsync(async () => (await GetAsync("/v1/history", "tka-auditor")).Items == 2, "both are in the books");
        Assert.Equal(1, (await GetAsync($"/v1/history?user={Uri.EscapeDataString("ALICE@example.com")}", "tka-auditor")).Items);
        Assert.Equal(1, (await GetAsync("/v1/history?role=tka-edit", "tka-auditor")).Items);
        var earlier = Uri.EscapeDataString(world.Time.GetUtcNow().AddHours(-3).ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(0, (await GetAsync($"/v1/history?at={earlier}", "tka-auditor")).Items);

        // The API's pages: the newest first, each session on one of them.
        var (_, items, next) = await GetAsync("/v1/history?limit=1", "tka-api");
        Assert.Equal(1, items);
        Assert.Equal((HttpStatusCode.OK, 1, null), await GetAsync($"/v1/history?limit=1&continue={next}", "tka-api"));
        Assert.All(
            [await GetAsync("/v1/history?limit=0", "tka-api"), await GetAsync("/v1/history?limit=1&continue=x", "tka-api"), await GetAsync($"/v1/history?continue={next}", "tka-api")],
            answer => Assert.Equal(HttpStatusCode.BadRequest, answer.Status));

        async Task<(HttpStatusCode Status, int Items, string? Continue)> GetAsync(string path, string? account)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = account is null ? null : new AuthenticationHeaderValue("Bearer", tokens[account]);
            using var response = await http.SendAsync(request, Cancel);
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
            return (
                response.StatusCode,
                response.IsSuccessStatusCode ? json.RootElement.GetProperty("items").GetArrayLength() : -1,
                json.RootElement.TryGetProperty("continue", out var next) ? next.GetString() : null);
        }
    }

    private OperatorSetup Setup(TestDapr dapr) => new()
    {
        Output = output,
        Configuration = new() { ["DAPR_GRPC_ENDPOINT"] = dapr.GrpcEndpoint.ToString() },
    };
}
