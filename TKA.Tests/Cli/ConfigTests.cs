using Xunit;

namespace TKA.Tests.Cli;

/// <summary>tka config: like git config.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly CliHome _home = new();

    private string UserFile => _home.File(".config/tka/config.yaml");

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Flag_beats_environment_beats_file_beats_default()
    {
        async Task<string> ThemeAsync(params string[] more) => (await _home.RunAsync(["config", "output.theme", .. more])).Output.Trim();
        Assert.Equal("tokyo-night", await ThemeAsync());
        _home.Write(".config/tka/config.yaml", "output:\n  theme: dark\n");
        Assert.Equal("dark", await ThemeAsync());
        _home.Environment["TKA_OUTPUT_THEME"] = "light";
        Assert.Equal("light", await ThemeAsync());
        Assert.Equal("dracula", await ThemeAsync("-t", "dracula"));
    }

    [Fact]
    public async Task The_first_file_of_the_search_is_used()
    {
        _home.Write(".config/tka/config.yaml", "output: {theme: dark}\n");
        Assert.Equal(UserFile, (await _home.RunAsync("config", "--filename", "--quiet")).Output.Trim());

        // A config.yaml in the current directory may be anybody's.
        var here = _home.Write("config.yaml", "output: {format: esm}\ntimeout: 30\ntailscale: {port: nonsense}\n");
        Assert.Equal(UserFile, (await _home.RunAsync("config", "--filename", "--quiet")).Output.Trim());
        File.WriteAllText(here, "output: {theme: light}\n");
        Assert.Equal("dark\n", (await _home.RunAsync("config", "output.theme")).Output);
        Assert.Equal("light\n", (await _home.RunAsync("config", "output.theme", "--config", "config.yaml")).Output);

        var named = _home.Write("other.yaml", "output: {theme: ascii}\n");
        Assert.Equal(named, (await _home.RunAsync("config", "--filename", "--quiet", "-c", named)).Output.Trim());
        Assert.Equal("ascii\n", (await _home.RunAsync("get", "config", "output.theme", "-c", named)).Output);

        _home.Environment["XDG_CONFIG_HOME"] = _home.File("xdg");
        _home.Write("xdg/tka/config.yaml", "output: {theme: notty}\n");
        Assert.Equal("notty\n", (await _home.RunAsync("config", "output.theme")).Output);
    }

    [Fact]
    public async Task Setting_keeps_comments_order_and_foreign_keys()
    {
        const string Before = "# mine\ndebug: false # loud\nserver:\n  readTimeout: 10s\noutput:\n  theme: \"dark\"   # at night\n  quiet: false\n\n# end\n";
        _home.Write(".config/tka/config.yaml", Before);

        Assert.Equal(0, (await _home.RunAsync("config", "output.theme", "light")).ExitCode);
        Assert.Equal(0, (await _home.RunAsync("set", "config", "output.long", "true")).ExitCode);
        Assert.Equal(0, (await _home.RunAsync("config", "tailscale.tailnet", "example.ts.net")).ExitCode);

        Assert.Equal(
            "# mine\ndebug: false # loud\nserver:\n  readTimeout: 10s\noutput:\n  theme: light   # at night\n  quiet: false\n  long: true\ntailscale:\n  tailnet: example.ts.net\n\n# end\n",
            File.ReadAllText(UserFile));
        Assert.Equal("10s\n", (await _home.RunAsync("config", "server.readTimeout")).Output);
    }

    [Fact]
    public async Task A_file_is_made_only_by_force()
    {
        Assert.Equal(7, (await _home.RunAsync("config", "output.theme", "dark")).ExitCode);
        Assert.False(File.Exists(UserFile));
        Assert.Equal(0, (await _home.RunAsync("config", "output.theme", "dark", "--force")).ExitCode);
        Assert.Equal("output:\n  theme: dark\n", File.ReadAllText(UserFile));

        var named = _home.File("sub/other.yaml");
        Assert.Equal(0, (await _home.RunAsync("config", "tailscale.port", "8080", "-f", "-c", named)).ExitCode);
        Assert.Equal("tailscale:\n  port: 8080\n", File.ReadAllText(named));
    }

    [Theory]
    [InlineData("output.theme", "neon")]
    [InlineData("tailscale.port", "99999")]
    [InlineData("output.quiet", "maybe")]
    [InlineData("timeout", "soon")]
    [InlineData("no.such.key", "x")]
    public async Task Nonsense_is_refused(string key, string value)
    {
        Assert.Equal(2, (await _home.RunAsync("config", key, value, "--force")).ExitCode);
        Assert.False(File.Exists(UserFile));
    }
}
