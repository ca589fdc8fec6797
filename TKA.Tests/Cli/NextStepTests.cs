using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Every line that says what to type next works when typed literally into a fresh terminal.</summary>
public sealed class NextStepTests : FakeServerTests
{
    [Theory]
    [InlineData("login", "tka-127.0.0.1")]
    [InlineData("login --role edit", "tka-127.0.0.1:edit")]
    [InlineData("login --merge", "tka-127.0.0.1")]
    [InlineData("login --merge --use", "tka-127.0.0.1")]
    [InlineData("login --merge --role edit", "tka-127.0.0.1:edit")]
    [InlineData("login --merge --context-name my=context", "my=context")]
    [InlineData("login --merge --kubeconfig other", "tka-127.0.0.1")]
    [InlineData("refresh", "tka-127.0.0.1")]
    [InlineData("kubeconfig", "tka-127.0.0.1")]
    public async Task What_login_says_makes_kubectl_use_the_session(string line, string context)
    {
        Server.Session = Server.MakeSession();

        // kubectl as it is, but for the cluster: it says which context it would ask.
        var kubectl = (await Home.RunProgramAsync("/bin/sh", ["-c", "command -v kubectl"])).Output.Trim();
        var stub = Home.Write("bin/kubectl", $"#!/bin/sh\n[ \"$1\" = --kubeconfig ] && export KUBECONFIG=\"$2\" && shift 2\n[ \"$1\" = --context ] && set -- \"$2\" || set -- \"$({kubectl} config current-context)\"\n{kubectl} config get-contexts \"$1\" -o name\n");
        File.SetUnixFileMode(stub, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Home.Environment["PATH"] = $"{Home.File("bin")}:{Home.Environment["PATH"]}";

        var said = await Home.RunAsync(line.Split(' '));
        Assert.True(said.ExitCode == 0, said.ToString());
        var typed = string.Concat(said.Error.Split('\n').Where(text => text.StartsWith("Use it:  ", StringComparison.Ordinal) || text.StartsWith("         ", StringComparison.Ordinal)).Select(text => text[9..] + "\n"));

        var result = await Home.RunProgramAsync("/bin/bash", ["-c", typed]);

        Assert.Equal($"{context}\n", result.Output);
    }

    [Fact]
    public async Task What_access_and_logout_say_works_too()
    {
        var access = await Home.RunAsync("access");
        await TypeAsync(access.Error, "Pick another role with: ");
        Assert.Equal("edit", Assert.Single(Server.Beside).Key);

        await Home.RunAsync("login");
        var logout = await Home.RunAsync("logout");
        await TypeAsync(logout.Error, "End it with: ");
        Assert.Empty(Server.Beside);
    }

    private async Task TypeAsync(string said, string before)
    {
        var at = said.IndexOf(before, StringComparison.Ordinal);
        Assert.True(at >= 0, said);
        var result = await Home.RunProgramAsync("/bin/bash", ["-c", said[(at + before.Length)..].Split('\n')[0]]);
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
