using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Homes whose names a shell would take apart, two homes of one person, and homes on a full disk (which needs root).</summary>
public sealed class OddHomesTests : FakeServerTests
{
    [Theory]
    [InlineData("it's mine")]
    [InlineData("\"a b\" & $HOME `x` \\ü")]
    public async Task What_is_printed_for_shells_works_in_a_home_of_any_name(string name)
    {
        Home.Environment["HOME"] = Directory.CreateDirectory(Home.File(name)).FullName;
        var script = """
            context() { kubectl config current-context; }
            eval "$(tka login -q)"; context
            unset KUBECONFIG
            eval "$(tka doctor | sed -n 's/.*\(export KUBECONFIG=\)/\1/p')"; context
            tka exec -- kubectl config current-context
            tka logout -q
            unset KUBECONFIG
            eval "$(tka generate integration bash)"
            tka login -q; context
            tka logout -q
            tka login --merge --use -q; context
            echo 'kubectl config current-context' | SHELL=/bin/sh tka shell 2>/dev/null | grep -o 'tka-127.0.0.1$'
            tka logout -q
            find "$HOME" -type f ! -path '*/.cache/*' ! -name '*.lock' ! -path '*/.kube/cache/*'
            """;

        var result = await Home.RunProgramAsync("/bin/bash", ["-c", script]);

        Assert.Equal(string.Concat(Enumerable.Repeat("tka-127.0.0.1\n", 6)), result.Output);
        Assert.Null(Server.Session);
    }

    [Fact]
    public async Task Of_two_homes_one_hears_that_the_other_has_logged_out_and_tidies_up()
    {
        var (here, there) = (Home.Path, Directory.CreateDirectory(Home.File("other")).FullName);
        foreach (var home in (string[])[here, there])
        {
            Home.Environment["HOME"] = home;
            Assert.Equal(0, (await Home.RunAsync("login", "--merge", "--use")).ExitCode);
            Assert.Equal(0, (await Home.RunAsync("credential")).ExitCode);
        }

        Home.Environment["HOME"] = here;
        Assert.Equal(0, (await Home.RunAsync("logout")).ExitCode);
        Assert.Null(Server.Session);

        Home.Environment["HOME"] = there;
        Assert.Equal(3, (await Home.RunAsync("status")).ExitCode);
        var logout = await Home.RunAsync("logout");
        Assert.True(logout.ExitCode == 0, logout.ToString());
        Assert.Contains("You were not signed in", logout.Error, StringComparison.Ordinal);
        Assert.Contains("Removed ~/.kube/config", logout.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(there, ".kube/config")));
        Assert.Equal(3, (await Home.RunAsync("credential")).ExitCode);
    }

    [Theory]
    [InlineData(".kube", "login --merge", 7)]
    [InlineData(".local/state", "login", 7)]
    [InlineData(".local/state", "exec -- true", 7)]
    [InlineData(".cache", "login --merge", 0)]
    public async Task A_full_disk_leaves_everything_as_it_was(string folder, string line, int exitCode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Needs root on Linux.");
        Directory.CreateDirectory(Home.File(folder));
        var script = $"""
            mount -t tmpfs -o size=64k tmpfs ~/{folder} || exit 99
            printf 'apiVersion: v1\nkind: Config\n' >~/{folder}/config && ln ~/{folder}/config ~/{folder}/linked
            dd if=/dev/zero of=$HOME/{folder}/fill bs=4k 2>/dev/null
            tka {line}; code=$?
            cat ~/{folder}/config
            find ~/{folder} -type f -printf '%f\n' | sort
            [ $code -ne 0 ] || timeout 60 tka credential >/dev/null || exit 98
            exit $code
            """;

        var result = await Home.RunProgramAsync("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script]);

        Assert.True(result.ExitCode == exitCode, result.ToString());
        if (exitCode != 0)
        {
            Assert.EndsWith("apiVersion: v1\nkind: Config\nconfig\nfill\nlinked\n", result.Output, StringComparison.Ordinal);
            Assert.Contains("There is no space left", result.Error, StringComparison.Ordinal);
            Assert.Null(Server.Session);
        }
    }
}
