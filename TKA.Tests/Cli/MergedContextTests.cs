using TKA.Cli.Kubeconfigs;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>What people do to the merged entries meanwhile, and to the file their shell stands on.</summary>
public sealed class MergedContextTests : FakeServerTests
{
    private const string Mine = "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\ncurrent-context: \"\"\nusers: []\n";

    private string UserKubeconfig => Home.File(".kube/config");

    [Fact]
    public async Task A_renamed_context_is_found_and_what_is_reported_is_what_happened()
    {
        Home.Write(".kube/config", Mine);
        await Home.RunAsync("login", "--merge", "--use");
        await KubectlAsync("config", "rename-context", "tka-127.0.0.1", "work");
        Assert.Equal(0, (await Home.RunAsync("login", "--merge")).ExitCode);
        Assert.Equal("work", (await KubectlAsync("config", "get-contexts", "-o", "name")).Output.Trim());
        Assert.Equal("view", (await Home.RunAsync("status", "-o", "json")).Json.GetProperty("sessions").EnumerateArray().Single(session => session.GetProperty("in_use").GetBoolean()).GetProperty("role").GetString());

        var logout = await Home.RunAsync("logout");

        Assert.Contains("(context work)", logout.Error, StringComparison.Ordinal);
        Assert.Contains("No context is current any more; it was work.", logout.Error, StringComparison.Ordinal);
        var left = await KubectlAsync("config", "view");
        Assert.DoesNotContain("tka", left.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("work", left.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_the_user_chose_or_made_is_not_left_to_dangle_in_silence()
    {
        await Home.RunAsync("login", "--merge");
        await KubectlAsync("config", "use-context", "tka-127.0.0.1");
        await KubectlAsync("config", "set-context", "own", "--cluster=tka-127.0.0.1", "--user=tka-127.0.0.1", "--namespace=x");

        var logout = await Home.RunAsync("logout");

        Assert.Contains("No context is current any more; it was tka-127.0.0.1.", logout.Error, StringComparison.Ordinal);
        Assert.Contains("Your own context own used the removed credential", logout.Error, StringComparison.Ordinal);
        Assert.True(File.ReadAllText(UserKubeconfig).Contains("name: own", StringComparison.Ordinal), File.ReadAllText(UserKubeconfig) + logout);
    }

    [Fact]
    public async Task Edits_of_command_version_and_environment_survive_the_next_merge()
    {
        await Home.RunAsync("login", "--merge", "--auto-login", "--exec-api-version", "v1beta1");
        var wrapper = Home.Write("wrapper", "#!/bin/sh\nexec tka \"$@\"\n");
        File.SetUnixFileMode(wrapper, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Home.RunProgramAsync("/bin/sed", ["-i", $"s|command: .*|command: {wrapper}\\n      env: [{{name: MINE, value: '1'}}]|", UserKubeconfig]);

        Assert.Equal(0, (await Home.RunAsync("login", "--merge")).ExitCode);

        var exec = new KubeconfigEditor(File.ReadAllText(UserKubeconfig)).Find("users", "tka-127.0.0.1")!["user"]!["exec"]!;
        Assert.Equal(wrapper, exec["command"]!.Text);
        Assert.Equal("client.authentication.k8s.io/v1beta1", exec["apiVersion"]!.Text);
        Assert.Equal("MINE", exec["env"]!.Items[0]["name"]!.Text);
        Assert.Equal("--auto-login", exec["args"]!.Items[^1].Text);

        await Home.RunAsync("login", "--merge", "--auto-login=false");
        Assert.DoesNotContain("--auto-login", File.ReadAllText(UserKubeconfig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_that_kubectl_deleted_are_missed_by_doctor_and_leave_no_current_context_behind()
    {
        await Home.RunAsync("login", "--merge", "--use");
        var path = Home.File(".kube/config");
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text.Replace("cluster: tka-127.0.0.1", "cluster: gone", StringComparison.Ordinal));
        Assert.Contains("names a cluster that is not in the kubeconfig", (await Home.RunAsync("doctor")).Output, StringComparison.Ordinal);

        // As "kubectl config delete-context" does it with the current one.
        File.WriteAllText(path, "apiVersion: v1\nkind: Config\ncontexts: null\ncurrent-context: tka-127.0.0.1\n");
        var logout = await Home.RunAsync("logout");

        Assert.True(logout.ExitCode == 0, logout.ToString());
        Assert.DoesNotContain("tka-127.0.0.1", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Contains("No context is current any more", logout.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_no_kubeconfig_and_a_link_to_a_file_to_be_is_one()
    {
        var path = Home.File(".kube/config");
        Directory.CreateDirectory(Home.File(".kube"));
        await Home.RunProgramAsync("/usr/bin/mkfifo", [path]);
        var refused = await Home.RunProgramAsync("/usr/bin/timeout", ["60", CliBinary.Path, "login", "--merge"]);
        Assert.Equal(7, refused.ExitCode);
        Assert.Contains("it is no regular file", refused.Error, StringComparison.Ordinal);
        Assert.Null(Server.Session);
        Assert.Equal(0, (await Home.RunProgramAsync("/usr/bin/timeout", ["60", CliBinary.Path, "login"])).ExitCode);

        File.Delete(path);
        File.CreateSymbolicLink(path, Home.File("dotfiles/kubeconfig"));
        Assert.Equal(0, (await Home.RunAsync("login", "--merge")).ExitCode);
        Assert.Contains("tka-127.0.0.1", File.ReadAllText(Home.File("dotfiles/kubeconfig")), StringComparison.Ordinal);
        Assert.Equal(0, (await Home.RunAsync("logout")).ExitCode);
        Assert.NotNull(new FileInfo(path).LinkTarget);
    }

    [Fact]
    public async Task Quiet_merging_prints_nothing_a_shell_would_run()
    {
        var result = await Home.RunProgramAsync("/bin/bash", ["-c", "eval \"$(tka login --merge -q)\"; echo code=$?"]);

        Assert.Equal("code=0\n", result.Output);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task The_file_a_shell_stands_on_stays_usable_and_the_advice_works_there()
    {
        // A stub, because there is no cluster: it tells which kubeconfig and context it would use.
        var script = """
            eval "$(tka login -q)"
            tka login --merge --use 2>err
            kubectl config current-context
            line=$(sed -n 's/^ *Use it:  //p' err)
            echo "$line"
            eval "${line% get pods} config current-context"
            """;
        var result = await Home.RunProgramAsync("/bin/bash", ["-c", script]);

        Assert.True(result.ExitCode == 0, result.ToString());
        var lines = result.Output.Split('\n');
        Assert.Contains("tka-127.0.0.1", lines);
        Assert.Contains("unset KUBECONFIG; kubectl get pods", lines);
        Assert.Equal("tka-127.0.0.1", lines[^2]);

        var integrated = await Home.RunProgramAsync("/bin/bash", ["-c", "eval \"$(tka generate integration bash)\"; tka login; tka login --merge --use; echo \"[$KUBECONFIG]\"; kubectl config current-context"]);
        Assert.Equal("[]\ntka-127.0.0.1\n", integrated.Output);
    }

    private Task<CliResult> KubectlAsync(params string[] args) => Home.RunProgramAsync("kubectl", args);
}
