using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

public sealed class LoginTests : FakeServerTests
{
    [Theory]
    [InlineData("login")]
    [InlineData("signin")]
    [InlineData("auth")]
    public async Task Login_writes_a_private_kubeconfig_and_says_how_to_use_it(string name)
    {
        var result = await Home.RunAsync(name);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("alice@example.com", result.Output, StringComparison.Ordinal);
        Assert.Contains("export KUBECONFIG=", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("token-", result.Output + result.Error, StringComparison.Ordinal);
        var file = Assert.Single(Directory.GetFiles(Home.File(".local/state/tka/kubeconfigs")));
        Assert.Equal("600", CliHome.Mode(file));
        Assert.Equal("700", CliHome.Mode(Path.GetDirectoryName(file)!));
        Assert.Contains("token: token-1", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_costs_one_post_and_one_get()
    {
        var ready = new TaskCompletionSource();
        Server.Ready = ready.Task;
        var login = Home.RunAsync("login");
        await Eventually.TrueAsync(() => Server.Requests.Count == 2);
        ready.SetResult();

        Assert.Equal(0, (await login).ExitCode);
        Assert.Equal([$"POST {ApiRoutes.Login}", $"GET {ApiRoutes.Kubeconfig}"], Server.Requests);
        Assert.Equal([""], Server.LoginBodies);
    }

    [Fact]
    public async Task Login_in_json_has_the_promised_fields()
    {
        var result = await Home.RunAsync("login", "-o", "json", "--role", "edit", "--period", "30m");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("", result.Error);
        Assert.Equal("alice@example.com", result.Json.GetProperty("username").GetString());
        Assert.Equal("edit", result.Json.GetProperty("role").GetString());
        Assert.Equal("team-a", result.Json.GetProperty("namespaces")[0].GetString());
        Assert.Equal("127.0.0.1", result.Json.GetProperty("cluster").GetString());
        Assert.EndsWith("Z", result.Json.GetProperty("until").GetString(), StringComparison.Ordinal);
        Assert.Contains("namespace: team-a", File.ReadAllText(result.Json.GetProperty("kubeconfig").GetString()!), StringComparison.Ordinal);
        Assert.Equal("""{"period":"30m","role":"edit"}""", Assert.Single(Server.LoginBodies));
    }

    [Fact]
    public async Task Quiet_login_prints_what_a_shell_evaluates()
    {
        var result = await Home.RunAsync("login", "--quiet");

        Assert.Equal("", result.Error);
        Assert.StartsWith("export KUBECONFIG='/", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_knows_no_waiting_is_polled_as_it_asks()
    {
        Server.HonoursWait = false;
        var ready = new TaskCompletionSource();
        Server.Ready = ready.Task;
        var login = Home.RunAsync("login");
        await Eventually.TrueAsync(() => Server.Requests.Count(request => request.EndsWith("/kubeconfig", StringComparison.Ordinal)) == 2);
        ready.SetResult();

        Assert.Equal(0, (await login).ExitCode);
    }

    [Fact]
    public async Task Logout_everywhere_goes_on_after_a_server_that_is_gone_and_force_needs_none()
    {
        var gone = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        await Home.RunAsync("login", "--merge", "-s", gone.Url.ToString());
        await Home.RunAsync("login");
        await gone.DisposeAsync();

        var all = await Home.RunAsync("logout", "--all");
        Assert.True(all.ExitCode == 5, all.ToString());
        Assert.Null(Server.Session);
        Assert.Contains("tka logout --force", all.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Home.File(".kube/config")));

        // The only one left.
        Home.Environment.Remove("TKA_SERVER");
        var forced = await Home.RunAsync("logout", "--force");
        Assert.True(forced.ExitCode == 0, forced.ToString());
        Assert.Contains("ends by itself in 8 h", forced.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("not signed in", forced.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Home.File(".kube/config")));
        Assert.Empty(Directory.GetFiles(Home.File(".local/state/tka"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Status_shows_the_session_and_logout_ends_it()
    {
        var kubeconfig = (await Home.RunAsync("login", "-o", "json")).Json.GetProperty("kubeconfig").GetString()!;

        var status = await Home.RunAsync("status");
        Assert.Contains("(in 8 h)", status.Output, StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", (await Home.RunAsync("get", "login", "-o", "json")).Json.GetProperty("cluster").GetString());
        Assert.Equal("alice@example.com\n", (await Home.RunAsync("status", "-o", "name")).Output);

        var logout = await Home.RunAsync("logout");
        Assert.True(logout.ExitCode == 0, logout.ToString());
        Assert.False(File.Exists(kubeconfig));
        Assert.Null(Server.Session);

        var again = await Home.RunAsync("signout", "-o", "json");
        Assert.Equal(0, again.ExitCode);
        Assert.False(again.Json.GetProperty("signed_out").GetBoolean());

        Assert.Equal(3, (await Home.RunAsync("status")).ExitCode);
    }

    [Fact]
    public async Task Access_shows_the_rules_and_creates_nothing()
    {
        var result = await Home.RunAsync("access");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("laptop-alice", result.Output, StringComparison.Ordinal);
        Assert.Contains("highest priority", result.Output, StringComparison.Ordinal);
        Assert.Equal("view\nedit\ntka-admin\n", (await Home.RunAsync("whoami", "-o", "name")).Output);
        Assert.Null(Server.Session);
    }

    [Theory]
    [InlineData("exec -- echo -n one -o json -- two")]
    [InlineData("exec echo -n one -o json -- two")]
    [InlineData("shell echo -n one -o json -- two")]
    [InlineData("--quiet exec --role view -n default --timeout=30s echo -n one -o json -- two")]
    [InlineData("-s URL exec -q --cluster 127.0.0.1 echo -n one -o json -- two")]
    public async Task The_words_of_a_command_are_its_own_with_and_without_dashes(string line)
    {
        // So that the cluster is known by name.
        await Home.RunAsync("login");

        var result = await Home.RunAsync(line.Replace("URL", Server.Url.ToString(), StringComparison.Ordinal).Split(' '));

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("one -o json -- two", result.Output);
    }

    [Fact]
    public async Task Exec_passes_the_exit_code_on_and_leaves_nothing_behind()
    {
        var result = await Home.RunAsync("exec", "--", "sh", "-c", "grep -c token- \"$KUBECONFIG\"; echo \"$TKA_SHELL\"; exit 42");

        Assert.True(result.ExitCode == 42, result.ToString());
        Assert.Equal("1\nalice@example.com 127.0.0.1\n", result.Output);
        Assert.Equal("", result.Error);
        Assert.Null(Server.Session);
        Assert.Empty(Directory.GetFiles(Home.File(".local/state/tka"), "*", SearchOption.AllDirectories));
    }
}
