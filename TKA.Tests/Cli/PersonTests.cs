using TKA.Cli.Errors;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>One laptop, two people: caches and records say whose they are.</summary>
public sealed class PersonTests : FakeServerTests
{
    [Theory]
    [InlineData("access")]
    [InlineData("status")]
    [InlineData("login")]
    public async Task A_token_is_not_given_to_the_next_person_on_the_device(string line)
    {
        await Home.RunAsync("login", "--merge");
        Assert.Contains("token-2", (await CredentialAsync()).Output, StringComparison.Ordinal);
        Server.Person = "bob@example.com";
        Server.Session = Server.MakeSession();

        // Whichever command hears of it first.
        Assert.Equal(0, (await Home.RunAsync(line)).ExitCode);

        Assert.DoesNotContain("token-2", (await CredentialAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_not_given_to_the_next_person_although_no_command_has_heard_of_the_change()
    {
        await using var tailscaled = FakeTailscaled.Start(Home.File("tailscaled.sock"));
        Home.Environment["TKA_TAILSCALE_SOCKET"] = tailscaled.Socket;
        await Home.RunAsync("login", "--merge");
        var alices = await CredentialAsync();
        Assert.Equal(alices.Output, (await CredentialAsync()).Output);

        (tailscaled.UserId, Server.Person) = (1002, "bob@example.com");
        Server.Session = Server.MakeSession();
        var bobs = await CredentialAsync();
        Assert.NotEqual(alices.Output, bobs.Output);
        Assert.Equal(bobs.Output, (await CredentialAsync()).Output);

        // A tailscaled that is not connected, or does not answer, says nothing against the token.
        tailscaled.State = "Stopped";
        Assert.Equal(bobs.Output, (await CredentialAsync()).Output);
        tailscaled.State = null;
        Assert.Equal(bobs.Output, (await CredentialAsync()).Output);
    }

    [Fact]
    public async Task Logout_says_that_the_session_is_another_persons_and_what_was_not_ended()
    {
        await Home.RunAsync("login", "--merge");
        await CredentialAsync();
        var alices = Server.Session;
        Server.Person = "bob@example.com";

        var logout = await Home.RunAsync("logout");

        Assert.Equal(4, logout.ExitCode);
        Assert.Contains("belongs to alice@example.com", logout.Error, StringComparison.Ordinal);
        Assert.Contains("was not ended", logout.Error, StringComparison.Ordinal);
        Assert.Contains("ends by itself in 8 h", logout.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("You were not signed in", logout.Error, StringComparison.Ordinal);
        Assert.Equal(alices, Server.Session);
        Assert.False(File.Exists(Home.File(".kube/config")));
        Assert.Empty(Directory.GetFiles(Home.File(".cache/tka/tokens"), "*.json"));
    }

    [Fact]
    public async Task Each_person_has_a_record_and_logs_out_of_it()
    {
        await Home.RunAsync("login");
        Server.Person = "bob@example.com";
        await Home.RunAsync("login");
        Assert.Equal(2, Directory.GetFiles(Home.File(".local/state/tka/sessions"), "*.json").Length);

        var logout = await Home.RunAsync("logout", "-o", "json");

        Assert.Equal("bob@example.com", logout.Json.GetProperty("username").GetString());
        Assert.Equal(ErrorCodes.SessionOfAnother, logout.ErrorJson.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_shell_does_not_end_the_session_of_the_next_person()
    {
        await using var shell = Terminal.Start(Home, "tka shell");
        await shell.SeeAsync("(tka view@");
        Server.Person = "bob@example.com";
        Server.Session = Server.MakeSession(period: TimeSpan.FromHours(1));

        await shell.TypeAsync("exit\n");
        await shell.EndAsync();

        Assert.Equal("bob@example.com", Server.Session?.Username);
    }

    private Task<CliResult> CredentialAsync() => Home.RunAsync("credential", "--server", Server.Url.ToString());
}
