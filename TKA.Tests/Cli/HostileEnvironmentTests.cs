using Microsoft.AspNetCore.Http;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Surroundings that are odd but happen: no directory to be in, a full disk behind a pipe, empty variables, files that are not ours.</summary>
public sealed class HostileEnvironmentTests : FakeServerTests
{
    [Theory]
    [InlineData("version", 0)]
    [InlineData("config", 0)]
    [InlineData("login --merge", 0)]
    [InlineData("doctor", 0)]
    [InlineData("credential", 3)]
    [InlineData("config --config here.yaml", 7)]
    public async Task The_current_directory_may_be_gone(string line, int exitCode)
    {
        var result = await ShellAsync($"mkdir gone; cd gone; rmdir ../gone; exec tka {line}");

        Assert.True(exitCode == result.ExitCode, result.ToString());
        Assert.DoesNotContain("does not know", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replicas: {{ .Values.replicas }}\n  bad\n")]
    [InlineData("- a list\n")]
    [InlineData("output: {format: esm}\ntimeout: 30\n")]
    [InlineData("tailscale:\n  port: [443\n")]
    [InlineData("tailscale: {hostname: elsewhere}\n")]
    public async Task A_config_yaml_in_the_current_directory_is_never_read(string content)
    {
        Home.Write("chart/config.yaml", content);
        foreach (var line in (string[])["version", "config tailscale.hostname", "credential --auto-login"])
        {
            var result = await Home.RunProgramAsync(CliBinary.Path, line.Split(' '), workingDirectory: Home.File("chart"));
            Assert.True(result.ExitCode == 0, result.ToString());
            Assert.DoesNotContain("elsewhere", result.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("windows-1252")]
    [InlineData("no-such-charset")]
    public async Task A_page_in_an_old_character_set_is_no_TKA_server(string charset)
    {
        Server.Intercept = async http =>
        {
            http.Response.ContentType = $"text/html; charset={charset}";
            await http.Response.WriteAsync("<html>IIS</html>");
            return true;
        };

        var result = await Home.RunAsync("status", "-o", "json");

        Assert.Equal("server-not-tka", result.ErrorJson.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("login --merge --kubeconfig \"$UNSET\"", "--kubeconfig")]
    [InlineData("login --role \"$UNSET\"", "--role")]
    [InlineData("login -s \"$UNSET\"", "--server")]
    [InlineData("status -c \"$UNSET\"", "--config")]
    [InlineData("sessions end \"$UNSET\"", "name")]
    public async Task An_empty_value_is_a_mistake_and_never_a_default(string line, string name)
    {
        var result = await ShellAsync($"tka {line} -o json");

        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Contains($"{name} is empty", result.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(Server.Requests);
    }

    [Theory]
    [InlineData("status --config {0}", "config-unreadable")]
    [InlineData("login --merge --kubeconfig {0}", "kubeconfig-invalid")]
    public async Task A_directory_is_no_file(string line, string code)
    {
        var directory = Directory.CreateDirectory(Home.File("directory")).FullName;

        var result = await Home.RunAsync([.. string.Format(System.Globalization.CultureInfo.InvariantCulture, line, directory).Split(' '), "-o", "json"]);

        Assert.True(result.ExitCode == 7, result.ToString());
        Assert.Equal(code, result.ErrorJson.GetProperty("code").GetString());
        Assert.Contains("it is a directory", result.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Null(Server.Session);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("login --help")]
    [InlineData("config")]
    [InlineData("config -o json")]
    [InlineData("login -o json")]
    [InlineData("kubeconfig --print")]
    [InlineData("completion bash")]
    [InlineData("__complete login --")]
    [InlineData("credential --server $TKA_SERVER")]
    public async Task Output_that_did_not_arrive_is_no_success(string line)
    {
        await Home.RunAsync("login");
        await ShellAsync("tka credential --server $TKA_SERVER");

        var full = await ShellAsync($"tka {line} >/dev/full");
        Assert.True(full.ExitCode == 7, full.ToString());
        Assert.Contains("no space left", full.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", full.Error, StringComparison.Ordinal);

        // A reader that has seen enough is no fault.
        var pipe = await Home.RunProgramAsync("/bin/bash", ["-c", $"exec {{pipe}}> >(exit 0); wait $!; tka {line} >&$pipe"]);
        Assert.True(pipe.ExitCode == 0, pipe.ToString());
        Assert.Equal("", pipe.Error);
    }

    [Fact]
    public async Task Help_is_a_command_too()
    {
        Assert.Equal((await Home.RunAsync("sessions", "end", "--help")).Output, (await Home.RunAsync("help", "sessions", "end")).Output);
        Assert.Equal((await Home.RunAsync("--help")).Output, (await Home.RunAsync("help")).Output);
        Assert.Equal((await Home.RunAsync("--version")).Output, (await Home.RunAsync("--version", "status")).Output);

        var unknown = await Home.RunAsync("help", "sesions");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("Did you mean sessions?", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_flag_is_blamed_on_the_flag()
    {
        var result = await Home.RunAsync("status", "--port", "0");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("Error: '0' is no value for --port: it must be a port number from 1 to 65535.\n  -> See tka --help\n", result.Error);
    }

    private Task<CliResult> ShellAsync(string script) => Home.RunProgramAsync("/bin/sh", ["-c", script]);
}
