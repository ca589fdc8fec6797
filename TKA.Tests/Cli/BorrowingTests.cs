using System.Text.Json;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Shells and commands use a session that is there and end only one that they began, whoever leaves first.</summary>
public sealed class BorrowingTests : FakeServerTests
{
    [Theory]
    [InlineData("exec -- true")]
    [InlineData("shell -- true")]
    [InlineData("exec --role view -- true")]
    public async Task A_login_outlives_a_command(string line)
    {
        var kubeconfig = (await Home.RunAsync("login", "-o", "json")).Json.GetProperty("kubeconfig").GetString()!;
        var until = Server.Session!.Until;

        Assert.Equal(0, (await Home.RunAsync(line.Split(' '))).ExitCode);

        Assert.Equal(until, Server.Session?.Until);
        Assert.True(File.Exists(kubeconfig));
        Assert.Equal(["login"], Records());
    }

    [Fact]
    public async Task A_command_with_another_role_ends_only_that()
    {
        await Home.RunAsync("login");

        var result = await Home.RunAsync("exec", "--role", "edit", "--", "sh", "-c", "grep current-context $KUBECONFIG");

        Assert.Equal("current-context: tka-127.0.0.1:edit\n", result.Output);
        Assert.NotNull(Server.Session);
        Assert.Empty(Server.Beside);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_shells_with_one_session_the_last_ends_it(bool firstLeavesFirst)
    {
        await using var first = await ShellAsync("Signed in as");
        await using var second = await ShellAsync("Using the session of");

        var (leaving, staying) = firstLeavesFirst ? (first, second) : (second, first);
        await LeaveAsync(leaving, "goes on until");
        Assert.Equal("edit", Assert.Single(Server.Beside).Key);
        await LeaveAsync(staying, "Ended the session with role edit");

        Assert.Empty(Server.Beside);
        Assert.Empty(Records());
    }

    [Fact]
    public async Task A_login_in_between_keeps_the_session_of_a_shell()
    {
        await using var shell = await ShellAsync("Signed in as");
        Assert.Equal(0, (await Home.RunAsync("login", "--role", "edit")).ExitCode);

        await LeaveAsync(shell, "goes on until");

        Assert.Equal("edit", Assert.Single(Server.Beside).Key);
        Assert.Equal(["login"], Records());
    }

    [Fact]
    public async Task A_logout_while_a_shell_is_open_leaves_nothing_for_the_shell_to_end()
    {
        await Home.RunAsync("login", "--role", "edit");
        await using var shell = await ShellAsync("Using the session of");
        await Home.RunAsync("logout", "--role", "edit");
        await Home.RunAsync("login", "--role", "edit");

        await LeaveAsync(shell, "goes on until");

        Assert.NotEmpty(Server.Beside);
    }

    [Fact]
    public async Task A_killed_shell_hands_its_session_to_the_one_that_still_uses_it()
    {
        await using var first = await ShellAsync("Signed in as");
        await using var second = await ShellAsync("Using the session of");
        Signals.Send(Beginner(), "KILL");
        await first.EndAsync();

        Assert.Equal(0, (await Home.RunAsync("status")).ExitCode);
        Assert.NotEmpty(Server.Beside);
        await LeaveAsync(second, "Ended the session with role edit");

        Assert.Empty(Server.Beside);
    }

    [Fact]
    public async Task A_renewal_from_another_device_is_not_ended_by_the_shell_that_began()
    {
        await using var shell = await ShellAsync("Signed in as");
        Server.Beside["edit"] = Server.Beside["edit"] with { Until = Server.Beside["edit"].Until.AddMinutes(5) };

        await LeaveAsync(shell, "goes on until");

        Assert.NotEmpty(Server.Beside);
    }

    [Fact]
    public async Task Login_in_a_shell_renews_the_shell()
    {
        await using var shell = await ShellAsync("Signed in as");
        Server.Beside["edit"] = Server.Beside["edit"] with { Until = Server.Beside["edit"].Until.AddMinutes(-30) };

        await shell.TypeAsync("tka login --role edit; grep -c token-2 $KUBECONFIG\n");
        await shell.SeeAsync("Renewed the session of this shell");
        await shell.SeeAsync("1\r\n");
        await LeaveAsync(shell, "Ended the session with role edit");

        Assert.Empty(Server.Beside);
        Assert.Empty(Records());
    }

    [Fact]
    public async Task Use_switches_a_shell_its_prompt_and_what_it_ends()
    {
        await Home.RunAsync("login");
        await using var shell = await ShellAsync("Signed in as");

        await shell.TypeAsync("tka use view\n");
        await shell.SeeAsync("This shell now uses the session with role view");
        await shell.SeeAsync("(tka view@127.0.0.1 8h) ");
        await shell.TypeAsync("grep current-context $KUBECONFIG; tka status -o name\n");
        await shell.SeeAsync("current-context: tka-127.0.0.1\r\n");
        await shell.TypeAsync("exit\n");
        await shell.SeeAsync("Ended the session with role edit");
        await shell.EndAsync();

        Assert.NotNull(Server.Session);
        Assert.Empty(Server.Beside);
        Assert.Equal(["login"], Records());
    }

    [Fact]
    public async Task The_end_is_announced()
    {
        Server.Beside["edit"] = Server.MakeSession("edit", TimeSpan.FromSeconds(66), isBase: false);
        await using var shell = Terminal.Start(Home, "tka shell --role edit");
        await shell.SeeAsync("(tka edit@127.0.0.1 ");

        await shell.SeeAsync("ends in");
        await shell.SeeAsync("Renew it with: tka login --role edit");
        await shell.TypeAsync("tka login --role edit\n");
        await shell.SeeAsync("(tka edit@127.0.0.1 1h)");
        await shell.TypeAsync("exit\n");
        await shell.EndAsync();
    }

    [Theory]
    [InlineData("view", "(tka view@")]
    [InlineData("edit", "\u001b[33m(tka edit@")]
    [InlineData("tka-admin", "\u001b[31m(tka tka-admin@")]
    public async Task The_prompt_shows_a_privileged_role_in_colour(string role, string mark)
    {
        foreach (var shell in (string[])["/bin/bash", "/bin/sh", "/usr/bin/zsh", "/usr/bin/fish"])
        {
            if (File.Exists(shell))
            {
                Home.Environment["SHELL"] = shell;
                await using var terminal = Terminal.Start(Home, $"tka shell --role {role}");
                await terminal.SeeAsync(mark);
                await terminal.TypeAsync("exit\n");
                await terminal.EndAsync();
            }
        }
    }

    private async Task<Terminal> ShellAsync(string greeting)
    {
        var terminal = Terminal.Start(Home, "tka shell --role edit");
        await terminal.SeeAsync(greeting);
        await terminal.SeeAsync("(tka edit@127.0.0.1 ");
        return terminal;
    }

    private static async Task LeaveAsync(Terminal shell, string farewell)
    {
        await shell.TypeAsync("exit\n");
        await shell.SeeAsync(farewell);
        await shell.EndAsync();
    }

    /// <summary>The process that began the session.</summary>
    private int Beginner() => Directory.GetFiles(Home.File(".local/state/tka/sessions"), "shell-*.json")
        .Select(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement)
        .Single(record => !record.TryGetProperty("borrowed", out _))
        .GetProperty("pid").GetInt32();

    private IEnumerable<string> Records() => Directory.Exists(Home.File(".local/state/tka/sessions"))
        ? Directory.GetFiles(Home.File(".local/state/tka/sessions"), "*.json").Select(file => Path.GetFileName(file).Split('-')[0])
        : [];
}
