using System.Globalization;
using System.Text.Json;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>tka shell under a pseudo-terminal: the user's own shell, and nothing left on any way out.</summary>
public sealed class ShellTests : FakeServerTests
{
    private const string Mark = "(tka view@127.0.0.1 8h) ";

    [Theory]
    [InlineData("/bin/bash", ".bashrc", "export MINE=from-rc", "exit 7")]
    [InlineData("/bin/sh", ".profile", "", "exit 7")]
    [InlineData("/usr/bin/zsh", ".zshrc", "export MINE=from-rc", "exit 7")]
    [InlineData("/usr/bin/fish", ".config/fish/config.fish", "set -gx MINE from-rc", "exit 7")]
    public async Task Starts_the_users_shell_with_a_marked_prompt(string shell, string rc, string content, string exit)
    {
        RequireShell(shell);
        Home.Write(rc, content + "\n");
        Home.Environment["SHELL"] = shell;
        await using var terminal = Terminal.Start(Home, "tka shell");

        await terminal.SeeAsync("Signed in as alice@example.com with role view");
        await terminal.SeeAsync(Mark);
        await terminal.TypeAsync("grep -c token- $KUBECONFIG; echo \"[$TKA_SHELL]\" \"<$MINE>\"\n");
        await terminal.SeeAsync("[alice@example.com 127.0.0.1]");
        await terminal.SeeAsync(content is "" ? "<>" : "<from-rc>");
        await terminal.SeeAsync(Mark);
        Assert.NotNull(Server.Session);
        await terminal.TypeAsync(exit + "\n");

        Assert.Equal(7, await terminal.EndAsync());
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_nested_shell_is_refused_with_a_hint()
    {
        await using var terminal = Terminal.Start(Home, "tka shell");
        await terminal.SeeAsync(Mark);
        await terminal.TypeAsync("tka shell; echo code=$?\n");
        await terminal.SeeAsync("This already is a tka shell, signed in as alice@example.com");
        await terminal.SeeAsync("tka use ROLE switches it");
        await terminal.SeeAsync("code=2");
        Assert.NotNull(Server.Session);
        await terminal.TypeAsync("exit\n");
        await terminal.EndAsync();
    }

    [Fact]
    public async Task A_killed_shell_ends_the_session()
    {
        await using var terminal = Terminal.Start(Home, "tka shell");
        await terminal.SeeAsync(Mark);
        await terminal.TypeAsync("kill -9 $$\n");

        Assert.Equal(137, await terminal.EndAsync());
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_signal_to_tka_ends_the_session_and_the_shell(string signal)
    {
        await using var terminal = Terminal.Start(Home, "tka shell");
        await terminal.SeeAsync(Mark);

        Signals.Send(ShellHolder(), signal);

        Assert.NotEqual(0, await terminal.EndAsync());
        AssertNothingLeft();
    }

    [Fact]
    public async Task Closing_the_terminal_ends_the_session()
    {
        await using var terminal = Terminal.Start(Home, "tka shell");
        await terminal.SeeAsync(Mark);

        terminal.Close();

        await Eventually.TrueAsync(() => Server.Session is null && Leftovers().Length == 0);
    }

    [Fact]
    public async Task After_kill_9_of_tka_the_next_run_tidies_up()
    {
        await using var terminal = Terminal.Start(Home, "tka shell");
        await terminal.SeeAsync(Mark);
        Signals.Send(ShellHolder(), "KILL");
        await terminal.EndAsync();
        Assert.NotNull(Server.Session);
        Assert.NotEmpty(Leftovers());

        Assert.Equal(3, (await Home.RunAsync("status")).ExitCode);

        AssertNothingLeft();
    }

    [Fact]
    public async Task A_shell_on_another_machine_with_the_same_home_is_left_alone()
    {
        await using var terminal = Terminal.Start(Home, "tka shell");
        await terminal.SeeAsync(Mark);
        Signals.Send(ShellHolder(), "KILL");
        await terminal.EndAsync();
        var record = Assert.Single(Directory.GetFiles(Home.File(".local/state/tka/sessions"), "shell-*.json"));
        File.WriteAllText(record, File.ReadAllText(record).Replace($"\"host\": \"{Environment.MachineName}\"", "\"host\": \"elsewhere\"", StringComparison.Ordinal));

        // Whether that process lives cannot be seen from here.
        Assert.Equal(0, (await Home.RunAsync("status")).ExitCode);
        Assert.NotNull(Server.Session);
        Assert.True(File.Exists(record));

        // Its end can.
        File.WriteAllText(record, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(record), "\"until\": \"20..", "\"until\": \"2000"));
        await Home.RunAsync("status");
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task A_session_renewed_since_is_not_taken_for_a_leftover()
    {
        await using var terminal = Terminal.Start(Home, "tka shell");
        await terminal.SeeAsync(Mark);
        Signals.Send(ShellHolder(), "KILL");
        await terminal.EndAsync();
        Server.Session = Server.Session! with { Until = Server.Session.Until.AddMinutes(5) };

        Assert.Equal(0, (await Home.RunAsync("status")).ExitCode);
        Assert.NotNull(Server.Session);
    }

    [Fact]
    public async Task Ctrl_C_is_the_childs_and_Ctrl_Z_stops_both()
    {
        // bash runs no trap whose signal came in the moment before it reads: so it reads for a second at a time.
        Home.Write("loop.sh", """
            trap 'echo caught' INT
            echo started
            while true; do
              read -r -t 1 line
              case $? in 0) ;; 1) exit 5 ;; *) continue ;; esac
              echo "read $line"
              [ "$line" = end ] && exit 6
            done

            """);
        await using var terminal = Terminal.Start(Home, "bash --norc -i");
        await terminal.TypeAsync("tka exec -- bash ~/loop.sh\n");
        await terminal.SeeAsync("started\r\n");
        await terminal.TypeAsync("\u0003");
        await terminal.SeeAsync("caught");
        Assert.NotNull(Server.Session);

        await terminal.TypeAsync("\u001a");
        await terminal.SeeAsync("Stopped");
        await terminal.TypeAsync("fg\n");
        await terminal.SeeAsync("tka exec");
        await terminal.TypeAsync("again\n");
        await terminal.SeeAsync("read again");
        await terminal.TypeAsync("end\n");
        await terminal.TypeAsync("echo code=$?\n");
        await terminal.SeeAsync("code=6");
        AssertNothingLeft();
        await terminal.TypeAsync("exit\n");
        await terminal.EndAsync();
    }

    [Fact]
    public async Task Job_control_works_inside()
    {
        await using var terminal = Terminal.Start(Home, "tka shell");
        await terminal.SeeAsync(Mark);
        await terminal.TypeAsync("bash -c 'echo in\"side\"; sleep 1000'\n");
        await terminal.SeeAsync("inside");
        await terminal.TypeAsync("\u001a");
        await terminal.SeeAsync("Stopped");
        await terminal.TypeAsync("kill %1; exit 4\n");

        // bash warns of stopped jobs once.
        await terminal.TypeAsync("exit 4\n");
        Assert.Equal(4, await terminal.EndAsync());
        AssertNothingLeft();
    }

    [Fact]
    public async Task Of_two_shells_the_last_one_ends_the_session()
    {
        await using var first = Terminal.Start(Home, "tka shell");
        await first.SeeAsync(Mark);
        await using var second = Terminal.Start(Home, "tka shell");
        await second.SeeAsync(Mark);

        await second.TypeAsync("exit\n");
        await second.EndAsync();
        Assert.NotNull(Server.Session);

        await first.TypeAsync("exit\n");
        await first.EndAsync();
        AssertNothingLeft();
    }

    [Fact]
    public async Task Sigterm_to_exec_reaches_the_command()
    {
        using var process = Home.Start(CliBinary.Path, ["exec", "--", "sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"]);
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

        var result = await Signals.SendAsync(process, "TERM");

        Assert.Equal(9, result.ExitCode);
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_session_that_does_not_get_ready_is_not_left_behind()
    {
        Server.Ready = new TaskCompletionSource().Task;

        Assert.Equal(6, (await Home.RunAsync("exec", "--timeout", "5s", "--", "true")).ExitCode);

        Assert.Null(Server.Session);
    }

    private static void RequireShell(string path)
    {
        if (!File.Exists(path))
        {
            Assert.Skip($"{path} is not installed (.ci/packages.txt names the package).");
        }
    }

    private int ShellHolder()
    {
        var record = Assert.Single(Directory.GetFiles(Home.File(".local/state/tka/sessions"), "shell-*.json"));
        return int.Parse(JsonDocument.Parse(File.ReadAllText(record)).RootElement.GetProperty("pid").GetRawText(), CultureInfo.InvariantCulture);
    }

    private string[] Leftovers() => Directory.GetFiles(Home.File(".local/state/tka"), "*", SearchOption.AllDirectories);

    private void AssertNothingLeft()
    {
        Assert.Null(Server.Session);
        Assert.Empty(Leftovers());
    }
}
