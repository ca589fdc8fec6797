using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Colour, themes, widths and the spinner, on terminals of every kind.</summary>
public sealed class TerminalTests : FakeServerTests
{
    private const char Escape = '\u001b';

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Home.Environment["TERM"] = "xterm-256color";
    }

    [Fact]
    public async Task A_terminal_gets_colour_a_spinner_and_a_panel()
    {
        var ready = new TaskCompletionSource();
        Server.Ready = ready.Task;
        await using var terminal = Terminal.Start(Home, "tka login");
        await terminal.SeeAsync("Signing in at");
        ready.SetResult();
        Assert.Equal(0, await terminal.EndAsync());

        Assert.Contains(Escape, terminal.Screen);
        Assert.Contains("╭", terminal.Screen, StringComparison.Ordinal);
        Assert.Contains("alice@example.com", terminal.Screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NO_COLOR", "1", false)]
    [InlineData("NO_COLOR", "", true)]
    [InlineData("TERM", "dumb", false)]
    public async Task A_terminal_that_wants_no_colour_gets_none(string variable, string value, bool colour)
    {
        Home.Environment[variable] = value;
        await using var terminal = Terminal.Start(Home, "tka access");
        Assert.Equal(0, await terminal.EndAsync());

        Assert.Equal(colour, terminal.Screen.Contains(Escape, StringComparison.Ordinal));
        Assert.Contains("laptop-alice", terminal.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_CI_no_spinner_turns()
    {
        Home.Environment["CI"] = "true";
        await using var terminal = Terminal.Start(Home, "tka access");
        Assert.Equal(0, await terminal.EndAsync());

        Assert.DoesNotContain("Asking the server", terminal.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Colour_can_be_forced_into_a_pipe_and_NO_COLOR_wins()
    {
        Assert.DoesNotContain(Escape, (await Home.RunAsync("access")).Output);
        Home.Environment["CLICOLOR_FORCE"] = "1";
        Assert.Contains(Escape, (await Home.RunAsync("access")).Output);
        Home.Environment["NO_COLOR"] = "1";
        Assert.DoesNotContain(Escape, (await Home.RunAsync("access")).Output);
    }

    [Theory]
    [InlineData("ascii", "+--")]
    [InlineData("dark", "╭")]
    [InlineData("dracula", "╭")]
    [InlineData("light", "╭")]
    [InlineData("markdown", "| --- |")]
    [InlineData("notty", "WINS")]
    [InlineData("tokyo-night", "╭")]
    public async Task Every_theme_looks_its_own_way(string theme, string sign)
    {
        await using var terminal = Terminal.Start(Home, $"tka access --theme {theme}");
        Assert.Equal(0, await terminal.EndAsync());

        Assert.Contains(sign, terminal.Screen, StringComparison.Ordinal);
        Assert.Contains("highest", terminal.Screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(10)]
    public async Task A_narrow_terminal_is_no_reason_to_fail(int columns)
    {
        await using var terminal = Terminal.Start(Home, $"stty cols {columns}; tka access && tka login");
        Assert.Equal(0, await terminal.EndAsync());

        Assert.Contains("export KUBECONFIG=", terminal.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_goes_away_is_no_error()
    {
        var result = await Home.RunProgramAsync("/bin/bash", ["-o", "pipefail", "-c", "tka access -q | head -1; exit ${PIPESTATUS[0]}"]);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task No_terminal_and_no_input_at_all_still_works()
    {
        var result = await Home.RunProgramAsync("/usr/bin/setsid", ["-w", CliBinary.Path, "login"]);

        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
