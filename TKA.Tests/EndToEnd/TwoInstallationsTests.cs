using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Api.Grants;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>Case N9: the APIs of two tailnets use one cluster and one namespace of sessions. Neither ends what the other granted; replicas of one share it.</summary>
public sealed class TwoInstallationsTests
{
    private const string Device = "127.0.0.1";
    private const string Rule = """[{"role":"view","period":"8h"}]""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task N9_each_ends_its_own_sessions_only_and_says_that_there_are_others()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Policy = Policy("alice@example.com", Rule), ApiSettings = Settings("ours") });

        // The same address is a device of another person there, and to each tailnet the other's people are not found.
        await using var tailnet = await TestTailnet.StartAsync(Cancel, Policy("eve@other.org", Rule).Replace("127.0.0.2", "127.0.0.3", StringComparison.Ordinal));
        var log = new LogCollector();
        await using var theirs = await StartAsync(stack, tailnet, "theirs", log);
        await using var replica = await StartAsync(stack, stack.Tailnet, "ours", new LogCollector());
        var alice = stack.From(Device);
        using var eve = TestTailnet.ClientFrom(Device, ApiReplica.UriOf(theirs));
        await alice.SignInAsync();
        await stack.From("127.0.0.2").SignInAsync();
        await eve.SignInAsync();
        await Eventually.TrueAsync(() => Known(stack.Api) == 3 && Known(theirs) == 3 && Known(replica) == 3, "each API knows all sessions");

        // Twice, since sessions of devices that are not found may wait for a second look.
        foreach (var api in (WebApplication[])[stack.Api, theirs, replica, stack.Api, theirs, replica])
        {
            await RecheckAsync(api);
        }

        (await alice.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);
        (await stack.From("127.0.0.2").GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);
        (await eve.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);
        Assert.Single(log.Lines, line => line.Message.Contains("2 sessions in this namespace were started by another installation", StringComparison.Ordinal));
        Assert.Single(stack.ApiLogs.Lines, line => line.Message.Contains("1 sessions in this namespace were started by another installation", StringComparison.Ordinal));

        // A replica withdraws what another granted; the other installation, whose tailnet now grants nothing either, ends its own.
        await stack.Tailnet.SetPolicyAsync(Policy("alice@example.com", null), Cancel);
        await RecheckAsync(theirs);
        Assert.Equal(1, LiveOf(replica, "alice@example.com"));
        await RecheckAsync(replica);
        await Eventually.TrueAsync(() => LiveOf(replica, "alice@example.com") == 0, "alice's session is ended");
        Assert.Equal(1, LiveOf(theirs, "eve@other.org"));
        await tailnet.SetPolicyAsync(Policy("eve@other.org", null), Cancel);
        await RecheckAsync(stack.Api);
        await RecheckAsync(replica);
        Assert.Equal(1, LiveOf(theirs, "eve@other.org"));
        await RecheckAsync(theirs);
        await Eventually.TrueAsync(() => LiveOf(theirs, "eve@other.org") == 0, "eve's session is ended");
    }

    private static Dictionary<string, string?> Settings(string installation) => new() { ["api:installationId"] = installation, ["api:grantRecheck"] = "1h" };

    private static Task<WebApplication> StartAsync(TkaStack stack, TestTailnet tailnet, string installation, LogCollector log) => ApiReplica.StartAsync(
        stack,
        tailnet,
        builder =>
        {
            builder.Configuration.AddInMemoryCollection(Settings(installation));
            builder.Logging.ClearProviders().AddProvider(log);
        },
        Cancel);

    private static Task RecheckAsync(WebApplication api) => api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);

    private static int Known(WebApplication api) => api.Services.GetRequiredService<SessionRepository>().Known().Count;

    private static int LiveOf(WebApplication api, string person) => api.Services.GetRequiredService<SessionRepository>().Known()
        .Count(session => session.Spec.Username == person && session.Metadata.DeletionTimestamp is null);

    private static string Policy(string person, string? rules)
    {
        var policy = new TestTailnetPolicy().Person(Device, person, rules).Person("127.0.0.2", $"second.{person}", Rule);
        return policy.ToString();
    }
}
