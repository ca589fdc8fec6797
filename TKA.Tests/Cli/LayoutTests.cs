using TKA.Cli.Terminal;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>How tables, lines and times are laid out.</summary>
public sealed class LayoutTests : FakeServerTests
{
    private static readonly Column[] Columns = ["Name", new("Role", 1), new("Where", 2), "Ends"];
    private static readonly string[][] Rows = [["alice@example.com", "view", "https://kubernetes.example.com", "in 3 h"], ["bob", "tka-edit", "", "in 45 s"]];

    [Theory]
    [InlineData(100, 4)]
    [InlineData(50, 3)]
    [InlineData(40, 2)]
    [InlineData(20, 0)]
    public void Columns_are_left_out_by_importance_and_stacked_at_last(int width, int shown) =>
        Assert.Equal(shown, TableLayout.Fit(Columns, Rows, width)?.Count ?? 0);

    [Fact]
    public void Stacked_rows_keep_every_word_whole() => ApprovedText.Match(TableLayout.Stack(Columns, Rows), "stacked-table", "TKA.Tests/Cli");

    [Theory]
    [InlineData("one two three", 7, "one two\n  three")]
    [InlineData("see https://example.com/a/very/long/path now", 10, "see\n  https://example.com/a/very/long/path\n  now")]
    [InlineData("", 10, "")]
    public void Lines_break_between_words(string text, int width, string wrapped) => Assert.Equal(wrapped, TextWrap.Wrap(text, width, indent: 2));

    [Theory]
    [InlineData(28799, "8 h")]
    [InlineData(28800, "8 h")]
    [InlineData(11520, "3 h 12 min")]
    [InlineData(89, "1 min")]
    [InlineData(59, "59 s")]
    [InlineData(3599, "1 h")]
    [InlineData(270000, "3 d 3 h")]
    public void Times_are_rounded_to_the_minute(int seconds, string text) => Assert.Equal(text, RemainingTime.Length(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public async Task A_clock_that_is_off_does_not_put_the_end_into_the_past()
    {
        Server.Clock = new OffsetClock(TimeSpan.FromHours(-5));
        Server.Session = Server.MakeSession(period: TimeSpan.FromHours(2));
        Server.Intercept = http =>
        {
            http.Response.Headers.Date = Server.Clock.GetUtcNow().ToString("R");
            return Task.FromResult(false);
        };

        var status = await Home.RunAsync("status");

        Assert.Contains("(in 2 h)", status.Output, StringComparison.Ordinal);
        Assert.Contains("the clock of this machine is 5 h ahead of", status.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LC_ALL", "C", "+-")]
    [InlineData("LC_ALL", "en_US.ISO-8859-1", "+-")]
    [InlineData("LC_ALL", "en_US.utf8", "╭")]
    [InlineData("COLORFGBG", "0;15", "38;2;17;99;41")]
    public async Task The_terminal_decides_over_signs_and_colours(string variable, string value, string sign)
    {
        Home.Environment[variable] = value;
        Home.Environment["COLORTERM"] = "truecolor";
        await using var terminal = Terminal.Start(Home, "tka access");
        await terminal.EndAsync();

        Assert.Contains(sign, terminal.Screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(80)]
    public async Task Labels_and_values_have_a_gap_and_no_word_is_broken(int columns)
    {
        await using var terminal = Terminal.Start(Home, $"stty cols {columns}; tka login; tka status; tka access");
        await terminal.EndAsync();

        Assert.Matches("Kubeconfig(\u001b\\[0m)?:? +~/", terminal.Screen);
        Assert.Contains("alice@example.com", terminal.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain("tka l\r\n", terminal.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_shows_what_the_environment_says()
    {
        Assert.Equal($"{Server.Url}\n", (await Home.RunAsync("config", "tailscale.hostname")).Output);
        Assert.Equal("TKA_SERVER", (await Home.RunAsync("config", "tailscale.hostname", "-o", "json")).Json.GetProperty("source").GetString());
        Home.Environment["TKA_ORCHESTRATOR"] = "clusters";
        Assert.Equal("clusters\n", (await Home.RunAsync("config", "orchestrator.url")).Output);
    }
}
