using TKA.Kubernetes.Sessions;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>
/// Every request that the operator sends for a session, refused for ever with every status: it is repeated ever less often, told, and
/// heals by itself (case S1). One world for each status, in it one session for each request.
/// </summary>
public abstract class RefusedRequestTests(ITestOutputHelper output)
{
    private const string InNamespace = "in-a-namespace";

    /// <summary>The person whose session meets the refusal, and the request that is refused.</summary>
    private static readonly Dictionary<string, Func<ProxiedRequest, bool>> SettingUp = new()
    {
        ["account@example.com"] = static request => request.Method == "POST" && request.Path.EndsWith("/serviceaccounts", StringComparison.Ordinal),
        ["binding@example.com"] = static request => request.Method == "POST" && request.Path.EndsWith("/clusterrolebindings", StringComparison.Ordinal),
        [$"{InNamespace}@example.com"] = static request => request.Method == "POST" && request.Path.EndsWith("/rolebindings", StringComparison.Ordinal),
        ["status@example.com"] = static request => request.Method == "PATCH" && request.Path.EndsWith("/status", StringComparison.Ordinal),
    };

    private static readonly Dictionary<string, Func<ProxiedRequest, bool>> Ending = new()
    {
        ["unbind@example.com"] = static request => request.Method == "DELETE" && request.Path.Contains("/clusterrolebindings/", StringComparison.Ordinal),
        [$"un{InNamespace}@example.com"] = static request => request.Method == "DELETE" && request.Path.Contains("/rolebindings/", StringComparison.Ordinal),
        ["unaccount@example.com"] = static request => request.Method == "DELETE" && request.Path.Contains("/serviceaccounts/", StringComparison.Ordinal),
        ["release@example.com"] = static request => request.Method == "PATCH" && request.Path.Contains("/tkasignins/", StringComparison.Ordinal),
        ["expire@example.com"] = static request => request.Method == "DELETE" && request.Path.Contains("/tkasignins/", StringComparison.Ordinal),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Refuses every request with this status until the end, then lets all through.</summary>
    protected async Task RefuseAsync(int status)
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Proxy = proxy, Output = output });
        var names = SettingUp.Concat(Ending).ToDictionary(pair => SessionWorld.NameOf(pair.Key), pair => pair.Value);
        var refusal = new Fault { Status = status, Reason = "Refused" };
        var ns = await world.Cluster.CreateNamespaceAsync("team", Cancel);
        foreach (var person in Ending.Keys)
        {
            await LoginAsync(world, person, ns);
        }

        foreach (var person in Ending.Keys)
        {
            await world.ReadyAsync(person);
        }

        proxy.Rule = request => names.Any(pair => Concerns(request, pair.Key) && pair.Value(request)) ? refusal : null;
        world.Time.Advance(TimeSpan.FromMinutes(11));
        world.TickLength = TimeSpan.FromSeconds(1);
        world.IsHeld = () => proxy.IsBusy;
        var started = world.Clock.GetUtcNow();
        foreach (var person in Ending.Keys.Where(person => !person.StartsWith("expire", StringComparison.Ordinal)))
        {
            await world.LogoutAsync(person);
        }

        foreach (var person in SettingUp.Keys)
        {
            await LoginAsync(world, person, ns);
        }

        await world.UntilAsync(() => Task.FromResult(world.Clock.GetUtcNow() - started > TimeSpan.FromMinutes(3)), "three minutes");

        Assert.All(SettingUp.Keys.Concat(Ending.Keys), person => AskedEverLessOften(person, status, world.Rates.PerMinute(SessionWorld.NameOf(person), started, 3)));
        await TellsAsync(world);
        await EverythingRefusedAsync(world, proxy, tested, refusal);

        proxy.Rule = static _ => null;
        world.TickLength = TimeSpan.FromSeconds(2);
        foreach (var person in SettingUp.Keys)
        {
            await world.ReadyAsync(person);
        }

        foreach (var person in Ending.Keys)
        {
            await world.GoneAsync(person);
        }

        Assert.StartsWith("200", await tested.ReadinessAsync(), StringComparison.Ordinal);
        Assert.Empty(await Invariants.ViolationsAsync(world));
    }

    private void AskedEverLessOften(string person, int status, IReadOnlyList<int> minutes)
    {
        output.WriteLine($"{person}: {string.Join(", ", minutes)}");

        // Setting up is tried after 0, 1, 3, 7, 15 and 31 s, then after one and two minutes more; the first try also costs what comes before
        // the refused request, and the condition is written once. Ending is tried after 10 ms, then twice as late each time up to 30 s:
        // 14 times in the first minute, with up to four requests. So is a status that conflicts. After 504 the cluster may have done what was
        // asked: two reads before the next try find out.
        var requestsPerTry = status == 504 ? 3 : 1;
        var isSettingUp = SettingUp.ContainsKey(person) && person != "status@example.com";
        Assert.InRange(minutes[0], 4, isSettingUp ? (6 * requestsPerTry) + 3 : RequestRates.Limit);
        Assert.InRange(minutes[1], 0, isSettingUp ? 2 * requestsPerTry : 16);
        Assert.InRange(minutes[2], 0, isSettingUp ? 2 * requestsPerTry : 16);
    }

    /// <summary>The conditions carry the cluster's words.</summary>
    private static async Task TellsAsync(SessionWorld world)
    {
        foreach (var person in SettingUp.Keys.Where(person => person != "status@example.com"))
        {
            Assert.Contains("injected by the test", (await world.GetAsync(person))!.ReadyCondition()!.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Then the cluster refuses everything: no kind of request is repeated more often than once a second.</summary>
    private async Task EverythingRefusedAsync(SessionWorld world, FaultProxy proxy, OperatorUnderTest tested, Fault refusal)
    {
        proxy.Rule = _ => refusal;
        var (before, since) = (proxy.Log.Count, world.Clock.GetUtcNow());
        await world.UntilAsync(() => Task.FromResult(world.Clock.GetUtcNow() - since > TimeSpan.FromMinutes(2)), "two minutes");
        var counts = proxy.Log.Skip(before)
            .CountBy(request => ((int)(request.Arrived - since).TotalMinutes, $"{request.Method} {request.Path}{(request.IsWatch ? " watch" : "")}"))
            .OrderByDescending(count => count.Value)
            .ToArray();
        output.WriteLine(string.Join('\n', counts.Take(5)));
        var readiness = await tested.ReadinessAsync();
        Assert.StartsWith("503", readiness, StringComparison.Ordinal);
        Assert.Contains("the lease could be neither taken nor seen", readiness, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = tested.Management };
        using var alive = await http.GetAsync("/livez", Cancel);
        Assert.True(alive.IsSuccessStatusCode);
        Assert.All(counts, count => Assert.InRange(count.Value, 0, RequestRates.Limit));
    }

    private static Task<TkaSignin> LoginAsync(SessionWorld world, string person, string ns) =>
        person.Contains(InNamespace, StringComparison.Ordinal)
            ? world.LoginAsync(person, "view", person.StartsWith("un", StringComparison.Ordinal) ? "30m" : "8h", ns)
            : world.LoginAsync(person, period: person.StartsWith("expire", StringComparison.Ordinal) ? "10m" : SettingUp.ContainsKey(person) ? "8h" : "30m");

    private static bool Concerns(ProxiedRequest request, string session) =>
        request.Path.Contains(session, StringComparison.Ordinal) || System.Text.Encoding.UTF8.GetString(request.Body).Contains($"\"{session}\"", StringComparison.Ordinal);
}

/// <summary>The request is at fault: its content, its rights, or a quota that is being changed.</summary>
public sealed class RefusedForGoodTests(ITestOutputHelper output) : RefusedRequestTests(output)
{
    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(409)]
    [InlineData(422)]
    public Task S1_what_is_refused_for_ever_is_asked_ever_less_often_and_heals(int status) => RefuseAsync(status);
}

/// <summary>The cluster, its admission or a webhook is at fault.</summary>
public sealed class RefusedForNowTests(ITestOutputHelper output) : RefusedRequestTests(output)
{
    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(504)]
    public Task S1_what_is_refused_for_ever_is_asked_ever_less_often_and_heals(int status) => RefuseAsync(status);
}
