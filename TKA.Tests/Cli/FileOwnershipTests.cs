using System.Diagnostics;
using TKA.Cli.Errors;
using TKA.Cli.Storage;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Files of others, mounted, linked, in folders that are not ours, and homes that are none. The tests that change owners need root.</summary>
public sealed class FileOwnershipTests : FakeServerTests
{
    private const string Mine = "apiVersion: v1\nkind: Config\n# mine\n";

    [Fact]
    public async Task Owner_group_mode_access_list_and_links_of_a_kubeconfig_stay()
    {
        RequireRoot();
        var path = Home.Write(".kube/config", Mine);
        var link = Home.File(".kube/linked");
        await Run("ln", path, link);
        await Run("chown", "1234:2345", path);
        await Run("chmod", "640", path);
        var acl = File.Exists("/usr/bin/setfacl");
        if (acl)
        {
            await Run("setfacl", "-m", "u:4321:r", path);
        }

        Assert.Equal(0, (await Home.RunAsync("login", "--merge")).ExitCode);
        Assert.Contains("tka-127.0.0.1", File.ReadAllText(link), StringComparison.Ordinal);
        Assert.Equal(0, (await Home.RunAsync("logout")).ExitCode);

        Assert.Equal(Mine, File.ReadAllText(link));
        Assert.Equal("1234 2345 640 2", (await Run("stat", "-c", "%u %g %a %h", path)).Trim());
        Assert.True(!acl || (await Run("getfacl", "-n", path)).Contains("user:4321:r", StringComparison.Ordinal));
        Assert.Equal(2, Directory.GetFiles(Home.File(".kube")).Length);
    }

    [Theory]
    [InlineData(".kube/config", "login --merge")]
    [InlineData(".config/tka/config.yaml", "config output.theme dark")]
    public async Task Without_links_a_new_file_takes_the_place_with_owner_and_mode_of_the_old(string file, string line)
    {
        RequireRoot();
        var path = Home.Write(file, file.EndsWith("yaml", StringComparison.Ordinal) ? "output:\n  theme: light\n" : Mine);
        await Run("chown", "1234:2345", path);
        await Run("chmod", "664", path);

        var result = await Home.RunAsync(line.Split(' '));

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("1234 2345 664", (await Run("stat", "-c", "%u %g %a", path)).Trim());
    }

    [Fact]
    public async Task A_mounted_file_is_written_in_place()
    {
        RequireRoot();
        Home.Write(".kube/config", "");
        var outside = Home.Write("outside", Mine);
        var inside = $"mount --bind {outside} {Home.File(".kube/config")} && tka login --merge && grep -c exec: ~/.kube/config && tka logout";

        var result = await Home.RunProgramAsync("/usr/bin/unshare", ["-m", "/bin/sh", "-c", inside]);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith("1\n", result.Output[(result.Output.IndexOf("tka-127.0.0.1\n", StringComparison.Ordinal) + "tka-127.0.0.1\n".Length)..], StringComparison.Ordinal);
        Assert.Equal(Mine, File.ReadAllText(outside));
    }

    [Fact]
    public void What_cannot_be_finished_in_place_is_as_it_was()
    {
        var path = Home.Write("file", Mine);
        using (new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            InPlaceFile.Write(path, "new"u8);
        }

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(Home.Path));
        Assert.Throws<UnauthorizedAccessException>(() => InPlaceFile.Write(Home.Path, "new"u8));
    }

    [Theory]
    [InlineData("sessions")]
    [InlineData("kubeconfigs")]
    [InlineData("")]
    public async Task A_folder_of_somebody_else_is_named_with_its_owner_and_what_mends_it(string folder)
    {
        var user = await OtherUserAsync();
        var path = Path.TrimEndingDirectorySeparator(Home.File(".local/state/tka", folder));
        Directory.CreateDirectory(path);
        await Run("chown", "-R", "nobody", Home.Path);
        await Run("chmod", "700", path);
        await Run("chown", "root:root", path);

        var login = await user("login -o json");
        Assert.True(login.ExitCode == 7, login.ToString());
        Assert.Equal(ErrorCodes.StateUnwritable, login.ErrorJson.GetProperty("code").GetString()!.Replace("kubeconfig-unwritable", ErrorCodes.StateUnwritable, StringComparison.Ordinal));
        Assert.Contains($"{path} belongs to root", login.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains($"chown -R nobody {path}", login.ErrorJson.GetProperty("advice")[0].GetString(), StringComparison.Ordinal);
        Assert.Null(Server.Session);

        // What needs no folder works, and the doctor says what is wrong.
        foreach (var line in (string[])["access", "config", "version", "credential --server URL --auto-login", "status", "logout"])
        {
            var result = await user(line);
            Assert.True(result.ExitCode == 0, $"{line}: {result}");
        }

        var doctor = await user("doctor");
        Assert.Equal(7, doctor.ExitCode);
        Assert.Contains($"chown -R nobody {path}", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cache_that_became_read_only_is_no_cache_and_holds_nobody_up()
    {
        RequireRoot();
        Server.Session = Server.MakeSession();
        Assert.Equal(0, (await Home.RunAsync("credential", "--server", Server.Url.ToString())).ExitCode);
        foreach (var token in Directory.GetFiles(Home.File(".cache/tka/tokens"), "*.json"))
        {
            File.Delete(token);
        }

        var inside = $"mount --bind {Home.File(".cache")} {Home.File(".cache")} && mount -o remount,ro,bind {Home.File(".cache")} && timeout 60 tka credential --server {Server.Url}";
        var result = await Home.RunProgramAsync("/usr/bin/unshare", ["-m", "/bin/sh", "-c", inside]);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("token-2", result.Json.GetProperty("status").GetProperty("token").GetString());
    }

    [Theory]
    [InlineData(".cache/tka/tokens", "credential --server URL", 0)]
    [InlineData(".local/state/tka/kubeconfigs", "login", 7)]
    [InlineData(".local/state/tka/sessions", "login", 7)]
    public async Task No_secret_is_written_where_somebody_else_may_have_put_a_file(string folder, string line, int exitCode)
    {
        // A folder that two people share: it belongs to the one, and the other may write in it.
        var user = await OtherUserAsync();
        Server.Session = Server.MakeSession();
        var first = await user(line);
        Assert.True(first.ExitCode == 0, first.ToString());
        var path = Home.File(folder);
        await Run("chown", "-R", "1234:1234", path);
        await Run("chmod", "-R", "777", path);
        await Run("find", path, "-type", "f", "-exec", "truncate", "-s", "0", "{}", ";");

        var second = await user(line);

        Assert.True(second.ExitCode == exitCode, second.ToString());
        Assert.All(Directory.GetFiles(path), file => Assert.Equal("", File.ReadAllText(file)));
        Assert.Equal(exitCode != 0, second.Error.Contains($"{path} belongs to user 1234", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_that_others_may_write_in_is_closed_to_them()
    {
        var user = await OtherUserAsync();
        Assert.Equal(0, (await user("login")).ExitCode);
        var path = Home.File(".local/state/tka/kubeconfigs");
        await Run("chmod", "777", path);

        Assert.Equal(0, (await user("login")).ExitCode);

        Assert.Equal("755", CliHome.Mode(path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/nonexistent")]
    [InlineData("/proc")]
    public async Task Without_a_home_sessions_live_in_the_runtime_directory(string home)
    {
        var user = await OtherUserAsync();
        Home.Environment["HOME"] = home;
        var runtime = Home.File("run");
        Directory.CreateDirectory(runtime);
        await Run("chown", "nobody", runtime);
        Home.Environment["XDG_RUNTIME_DIR"] = runtime;

        Assert.Equal(0, (await user("exec -- true")).ExitCode);
        var login = await user("login -o json");
        Assert.True(login.ExitCode == 0, login.ToString());
        Assert.StartsWith(runtime, login.Json.GetProperty("kubeconfig").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await user("credential --server URL")).ExitCode);
        Assert.Equal(0, (await user("logout")).ExitCode);
        Assert.Null(Server.Session);
        Assert.DoesNotContain(Directory.GetFiles(runtime, "*", SearchOption.AllDirectories), file => !file.EndsWith(".lock", StringComparison.Ordinal));
    }

    private static void RequireRoot() => Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Needs root on Linux.");

    /// <summary>Runs of tka as a user without rights, who owns the home directory.</summary>
    private async Task<Func<string, Task<CliResult>>> OtherUserAsync()
    {
        RequireRoot();
        var binary = Path.GetDirectoryName(CliBinary.Path)!;
        Assert.SkipWhen((await Home.RunProgramAsync("/usr/bin/setpriv", ["--reuid=nobody", "--clear-groups", "/usr/bin/test", "-x", CliBinary.Path])).ExitCode != 0, $"{binary} cannot be entered by others.");
        await Run("chown", "-R", "nobody", Home.Path);
        await Run("chmod", "755", Home.Path);
        Home.Environment["USER"] = "nobody";
        Home.Environment["LOGNAME"] = "nobody";
        return line => Home.RunProgramAsync("/usr/bin/setpriv", ["--reuid=nobody", "--clear-groups", CliBinary.Path, .. line.Replace("URL", Server.Url.ToString(), StringComparison.Ordinal).Split(' ')]);
    }

    private static async Task<string> Run(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
