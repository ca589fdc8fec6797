using k8s;
using Microsoft.Extensions.DependencyInjection;
using TKA.Api.Grants;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>A session follows the grant it came from.</summary>
public class GrantTests
{
    private const string Rule8h = """[{"role":"view","period":"8h"}]""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sessions_follow_their_grants()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Policy = People().ToString(),
            // The test says when.
            ApiSettings = new Dictionary<string, string?> { ["api:grantRecheck"] = "1h" },
        });
        var sources = Enumerable.Range(1, 7).Select(i => stack.From($"127.0.0.{i}")).ToArray();
        var before = new Dictionary<int, SessionResponse>();
        foreach (var (i, client) in sources.Index())
        {
            before[i + 1] = await client.SignInAsync();
        }

        await stack.Tailnet.SetPolicyAsync(new TestTailnetPolicy()
            .Person("127.0.0.1", "unchanged@example.com", Rule8h)
            .Person("127.0.0.2", "gone@example.com")
            .Person("127.0.0.3", "shorter@example.com", """[{"role":"view","period":"1h"}]""")
            .Person("127.0.0.4", "narrower@example.com", """[{"role":"view","period":"8h","namespaces":["default"]}]""")
            .Person("127.0.0.5", "expired@example.com", Rule8h, expired: true)
            .Tagged("127.0.0.6", "tag:ci", Rule8h)
            .Person("127.0.0.7", "longer@example.com", """[{"role":"view","period":"24h"}]""")
            .ToString(), Cancel);
        await stack.Api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);

        Assert.Equal(before[1].Until, (await SessionAsync(sources[0])).Until);
        Assert.Equal(before[7].Until, (await SessionAsync(sources[6])).Until);
        Assert.Equal(before[3].Until.AddHours(-7), (await SessionAsync(sources[2])).Until);
        Assert.Equal(["default"], (await SessionAsync(sources[3])).Namespaces);
        var names = (await stack.Cluster.Admin.CustomObjects.ListNamespacedCustomObjectAsync<System.Text.Json.Nodes.JsonObject>(
                "tka.specht-labs.de", "v1alpha1", stack.Installed.SessionsNamespace, "tkasignins", cancellationToken: Cancel))["items"]!.AsArray()
            .Where(item => item!["metadata"]!["deletionTimestamp"] is null)
            .Select(item => item!["spec"]!["username"]!.ToString()).Order(StringComparer.Ordinal);
        Assert.Equal(["longer@example.com", "narrower@example.com", "shorter@example.com", "unchanged@example.com"], names);
        Assert.Equal(5, stack.ApiLogs.Lines.Count(line => line.Category == "TKA.Audit" && (string?)line.Fields["Action"] == "recheck"));
    }

    [Fact]
    public async Task A_device_that_left_the_tailnet_or_changed_hands_ends_its_session()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Policy = People().ToString(), ApiSettings = new Dictionary<string, string?> { ["api:grantRecheck"] = "1h" } });
        await stack.From("127.0.0.1").SignInAsync();
        await stack.From("127.0.0.2").SignInAsync();

        await stack.Tailnet.SetPolicyAsync(new TestTailnetPolicy()
            .Person("127.0.0.1", "somebody.else@example.com", Rule8h)
            .Person("127.0.0.9", "other@example.com", Rule8h)
            .ToString(), Cancel);
        await stack.Api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);

        Assert.All(
            stack.ApiLogs.Lines.Where(line => line.Category == "TKA.Audit" && (string?)line.Fields["Action"] == "recheck"),
            line => Assert.Equal("ended", line.Fields["Outcome"]));
        Assert.Equal(2, stack.ApiLogs.Lines.Count(line => line.Category == "TKA.Audit" && (string?)line.Fields["Action"] == "recheck"));
    }

    [Fact]
    public async Task S8_many_devices_that_are_not_found_wait_for_a_second_look()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Policy = People().ToString(), ApiSettings = new Dictionary<string, string?> { ["api:grantRecheck"] = "1h" } });
        foreach (var i in Enumerable.Range(1, 5))
        {
            await stack.From($"127.0.0.{i}").SignInAsync();
        }

        var recheck = stack.Api.Services.GetRequiredService<GrantRecheck>();
        var sessions = stack.Api.Services.GetRequiredService<SessionRepository>();
        var nobody = new TestTailnetPolicy().Person("127.0.0.9", "other@example.com", Rule8h).ToString();

        // Lost and found: nothing happens.
        await stack.Tailnet.SetPolicyAsync(nobody, Cancel);
        await recheck.RunAsync(Cancel);
        Assert.Contains(stack.ApiLogs.Lines, line => line.Message.Contains("does not know the devices of 5 sessions", StringComparison.Ordinal));
        await stack.Tailnet.SetPolicyAsync(People().ToString(), Cancel);
        await recheck.RunAsync(Cancel);
        Assert.Equal(5, sessions.List().Count(session => session.Metadata.DeletionTimestamp is null));

        // Lost twice in a row: gone.
        await stack.Tailnet.SetPolicyAsync(nobody, Cancel);
        await recheck.RunAsync(Cancel);
        Assert.Equal(5, sessions.List().Count(session => session.Metadata.DeletionTimestamp is null));
        await recheck.RunAsync(Cancel);
        await Eventually.TrueAsync(() => sessions.List().All(session => session.Metadata.DeletionTimestamp is not null));
    }

    [Fact]
    public async Task S8_the_only_device_of_a_tailnet_that_is_removed_ends_its_session()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Policy = new TestTailnetPolicy().Person("127.0.0.1", "only@example.com", Rule8h).ToString(),
            ApiSettings = new Dictionary<string, string?> { ["api:grantRecheck"] = "1h" },
        });
        await stack.From("127.0.0.1").SignInAsync();
        await stack.Tailnet.SetPolicyAsync(new TestTailnetPolicy().ToString(), Cancel);
        var recheck = stack.Api.Services.GetRequiredService<GrantRecheck>();

        await recheck.RunAsync(Cancel);
        await recheck.RunAsync(Cancel);

        var sessions = stack.Api.Services.GetRequiredService<SessionRepository>();
        await Eventually.TrueAsync(() => sessions.List().All(session => session.Metadata.DeletionTimestamp is not null));
    }

    [Fact]
    public async Task What_cannot_be_learned_changes_nothing()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Policy = People().ToString(), ApiSettings = new Dictionary<string, string?> { ["api:grantRecheck"] = "1h" } });
        var person = stack.From("127.0.0.1");
        var before = await person.SignInAsync();
        var recheck = stack.Api.Services.GetRequiredService<GrantRecheck>();

        await stack.Tailnet.DownAsync();
        await recheck.RunAsync(Cancel);
        await stack.Tailnet.UpAsync(Cancel);
        await stack.Tailnet.SetPolicyAsync(new TestTailnetPolicy().Person("127.0.0.1", "unchanged@example.com", """[{"role":1}]""").ToString(), Cancel);
        await recheck.RunAsync(Cancel);
        await stack.Tailnet.SetPolicyAsync(People().ToString(), Cancel);

        Assert.Equal(before.Until, (await SessionAsync(person)).Until);
    }

    [Fact]
    public async Task A_withdrawn_grant_gives_no_token_even_before_the_recheck()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Policy = People().ToString(), ApiSettings = new Dictionary<string, string?> { ["api:grantRecheck"] = "1h" } });
        var person = stack.From("127.0.0.1");
        await person.SignInAsync();

        await stack.Tailnet.SetPolicyAsync(new TestTailnetPolicy().Person("127.0.0.1", "unchanged@example.com", """[{"role":"tka-edit","period":"8h","namespaces":["default"]}]""").ToString(), Cancel);

        Assert.Equal("grant-gone", (await person.GetAsync(ApiRoutes.Token, wait: 5)).Expect(403).Kind);
        (await person.GetAsync(ApiRoutes.Login, wait: null)).Expect(401);
    }

    [Fact]
    public async Task Rechecks_come_by_themselves()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Policy = People().ToString(), ApiSettings = new Dictionary<string, string?> { ["api:grantRecheck"] = "1s" } });
        var person = stack.From("127.0.0.1");
        await person.SignInAsync();

        await stack.Tailnet.SetPolicyAsync(new TestTailnetPolicy().Person("127.0.0.1", "unchanged@example.com", """[{"role":"tka-edit","period":"8h","namespaces":["default"]}]""").ToString(), Cancel);

        await Eventually.TrueAsync(async () => (int)(await person.GetAsync(ApiRoutes.Login, wait: null)).Status == 401);
    }

    private static async Task<SessionResponse> SessionAsync(HttpClient client) => (await client.GetAsync(ApiRoutes.Login, wait: 20)).Expect(200).Session;

    private static TestTailnetPolicy People() => new TestTailnetPolicy()
        .Person("127.0.0.1", "unchanged@example.com", Rule8h)
        .Person("127.0.0.2", "gone@example.com", Rule8h)
        .Person("127.0.0.3", "shorter@example.com", Rule8h)
        .Person("127.0.0.4", "narrower@example.com", Rule8h)
        .Person("127.0.0.5", "expired@example.com", Rule8h)
        .Person("127.0.0.6", "tagged@example.com", Rule8h)
        .Person("127.0.0.7", "longer@example.com", Rule8h);
}
