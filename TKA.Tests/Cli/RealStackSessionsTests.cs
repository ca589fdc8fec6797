using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Several sessions of one person, with the native binary and stock kubectl against the real server, operator and cluster.</summary>
[Collection(SessionsStack.Name)]
public sealed class RealStackSessionsTests(SessionsStack shared) : IDisposable
{
    private CliHome _home = null!;
    private string _base = null!;

    public void Dispose() => _home?.Dispose();

    [Fact]
    public async Task Two_contexts_have_different_rights_at_once_and_each_ends_by_itself()
    {
        await LoginAsync(2);
        shared.Stack.ApiRequests.Clear();
        shared.Stack.OperatorRequests.Clear();
        var edit = await _home.RunAsync("login", "--merge", "--role", "tka-edit", "-o", "json");
        Assert.True(edit.ExitCode == 0, edit.ToString());
        Assert.Equal($"{_base}:tka-edit", edit.Json.GetProperty("context").GetString());

        // A session beside another costs the cluster five requests too.
        Assert.Equal(["POST tkasignins"], shared.Stack.ApiRequests.Requests);
        Assert.Equal(
            4,
            shared.Stack.OperatorRequests.Writes.Count(sent => !sent.Contains("events", StringComparison.Ordinal) && !sent.Contains("tokenreviews", StringComparison.Ordinal) && !sent.Contains("leases", StringComparison.Ordinal)));

        Assert.Equal("no", await CanDeleteAsync(_base));
        Assert.Equal("yes", await CanDeleteAsync($"{_base}:tka-edit"));
        Assert.NotEqual(await WhoAsync(_base), await WhoAsync($"{_base}:tka-edit"));

        var status = (await _home.RunAsync("status", "-o", "json")).Json;
        Assert.Equal(["view", "tka-edit"], status.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("role").GetString()));

        // The base ends; the other lives on, and the other way round after a new login.
        Assert.Contains("tka-edit goes on until", (await _home.RunAsync("logout")).Error, StringComparison.Ordinal);
        Assert.Equal("yes", await CanDeleteAsync($"{_base}:tka-edit"));
        Assert.Equal(0, (await _home.RunAsync("login", "--merge")).ExitCode);
        Assert.Equal(0, (await _home.RunAsync("logout", "--role", "tka-edit")).ExitCode);
        Assert.Equal("no", await CanDeleteAsync(_base));
        Assert.Equal(0, (await _home.RunAsync("logout", "--all")).ExitCode);
        Assert.Equal(3, (await _home.RunAsync("status")).ExitCode);
    }

    [Fact]
    public async Task A_command_borrows_the_login_and_ends_only_what_it_began()
    {
        await LoginAsync(3);
        var borrowed = await _home.RunAsync("exec", "kubectl", "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}");
        Assert.Equal(await WhoAsync(_base), borrowed.Output);

        var own = await _home.RunAsync("exec", "--role", "tka-edit", "--", "kubectl", "auth", "can-i", "delete", "pods", "-n", "default");
        Assert.True(own.ExitCode == 0, own.ToString());
        Assert.Equal("yes", own.Output.Trim());

        Assert.Equal(["view"], (await _home.RunAsync("status", "-o", "json")).Json.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("role").GetString()));
        Assert.Equal("no", await CanDeleteAsync(_base));
    }

    [Fact]
    public async Task A_shell_switches_to_another_session_and_ends_what_it_began()
    {
        await LoginAsync(4);
        await using var shell = Terminal.Start(_home, "tka shell --role tka-edit");
        await shell.SeeAsync("tka-edit@");
        await shell.TypeAsync("kubectl auth can-i delete pods -n default; tka use view; kubectl auth can-i delete pods -n default\n");
        await shell.SeeAsync("yes\r\n");
        await shell.SeeAsync("This shell now uses the session with role view");
        await shell.SeeAsync("no\r\n");
        await shell.SeeAsync("(tka view@127.0.0.1 8h)");
        await shell.TypeAsync("exit\n");
        await shell.SeeAsync("Ended the session with role tka-edit");
        await shell.EndAsync();

        Assert.Equal(["view"], (await _home.RunAsync("status", "-o", "json")).Json.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("role").GetString()));
    }

    private async Task LoginAsync(int person)
    {
        _home = shared.Home(person);
        var login = await _home.RunAsync("login", "--merge", "--use", "-o", "json");
        Assert.True(login.ExitCode == 0, login.ToString());
        _base = login.Json.GetProperty("context").GetString()!;
    }

    private async Task<string> CanDeleteAsync(string context) =>
        (await _home.RunProgramAsync("kubectl", ["--context", context, "auth", "can-i", "delete", "pods", "-n", "default"])).Output.Trim();

    private async Task<string> WhoAsync(string context) =>
        (await _home.RunProgramAsync("kubectl", ["--context", context, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"])).Output;
}
