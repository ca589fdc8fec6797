using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.DevEnvironment.Tests.Tailnet;

/// <summary>The policy file is live: edits count at once, broken ones do not count at all.</summary>
public sealed class PolicyReloadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_missing_policy_is_written_with_a_commented_example()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);

        var text = await File.ReadAllTextAsync(tailnet.PolicyPath, Cancellation);

        Assert.Contains("// A rule of the capability", text, StringComparison.Ordinal);
        Assert.Contains("\"devices\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_existing_policy_is_left_alone()
    {
        var policy = Policy("x@example.com");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, policy);

        Assert.Equal(policy, await File.ReadAllTextAsync(tailnet.PolicyPath, Cancellation));
    }

    [Fact]
    public async Task An_edit_in_place_counts()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, Policy("old@example.com"));

        await File.WriteAllTextAsync(tailnet.PolicyPath, Policy("new@example.com"), Cancellation);

        await AssertBecomesAsync(tailnet, "new@example.com");
    }

    /// <summary>Most editors write beside and rename over.</summary>
    [Fact]
    public async Task An_atomic_save_counts_every_time()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, Policy("old@example.com"));
        foreach (var login in new[] { "one@example.com", "two@example.com", "three@example.com" })
        {
            var beside = tailnet.PolicyPath + "~";
            await File.WriteAllTextAsync(beside, Policy(login), Cancellation);
            File.Move(beside, tailnet.PolicyPath, overwrite: true);

            await AssertBecomesAsync(tailnet, login);
        }
    }

    /// <summary>Vim's way: the file is moved away and written anew.</summary>
    [Fact]
    public async Task A_file_that_is_moved_away_and_comes_back_counts()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, Policy("old@example.com"));
        File.Move(tailnet.PolicyPath, tailnet.PolicyPath + "~");
        await File.WriteAllTextAsync(tailnet.PolicyPath, Policy("new@example.com"), Cancellation);

        await AssertBecomesAsync(tailnet, "new@example.com");
    }

    [Fact]
    public async Task A_broken_edit_keeps_the_last_good_policy_and_says_where()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, Policy("good@example.com"));

        await File.WriteAllTextAsync(tailnet.PolicyPath, "{\n  \"grants\": oops\n}", Cancellation);

        await Eventually.TrueAsync(() => tailnet.Embedded.PolicyError is not null, "the error is told");
        Assert.Contains("line 2, column 13: 'o' is an invalid start of a value", tailnet.Embedded.PolicyError, StringComparison.Ordinal);
        Assert.Equal("good@example.com", await LoginAsync(tailnet));

        await File.WriteAllTextAsync(tailnet.PolicyPath, Policy("mended@example.com"), Cancellation);
        await AssertBecomesAsync(tailnet, "mended@example.com");
        Assert.Null(tailnet.Embedded.PolicyError);
    }

    [Fact]
    public async Task Going_back_to_the_good_text_clears_the_error()
    {
        var good = Policy("good@example.com");
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, good);
        await File.WriteAllTextAsync(tailnet.PolicyPath, "{", Cancellation);
        await Eventually.TrueAsync(() => tailnet.Embedded.PolicyError is not null, "the error is told");

        await File.WriteAllTextAsync(tailnet.PolicyPath, good, Cancellation);

        await Eventually.TrueAsync(() => tailnet.Embedded.PolicyError is null, "the error is gone");
        Assert.Equal("good@example.com", await LoginAsync(tailnet));
    }

    [Fact]
    public async Task A_broken_policy_at_start_is_one_clear_error()
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => TestTailnet.StartAsync(Cancellation, "{ \"groups\": }"));

        Assert.Contains("policy.hujson: line 1, column 13: '}' is an invalid start of a value", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_policy_that_is_set_is_refused_and_not_written()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, Policy("good@example.com"));

        await Assert.ThrowsAsync<InvalidDataException>(() => tailnet.SetPolicyAsync("[]", Cancellation));

        Assert.Equal(Policy("good@example.com"), await File.ReadAllTextAsync(tailnet.PolicyPath, Cancellation));
    }

    private static string Policy(string login) => new TestTailnetPolicy().Person("127.0.0.1", login).ToString();

    private static Task AssertBecomesAsync(TestTailnet tailnet, string login) =>
        Eventually.TrueAsync(async () => await LoginAsync(tailnet) == login, $"127.0.0.1 is {login}");

    private static async Task<string?> LoginAsync(TestTailnet tailnet)
    {
        using var localApi = new RawLocalApi(tailnet.SocketPath);
        using var response = await localApi.GetAsync("whois?addr=127.0.0.1:1", Cancellation);
        return (string?)System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["UserProfile"]!["LoginName"];
    }
}
