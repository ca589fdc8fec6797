using TKA.Contracts.Rest;
using Xunit;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Cli;

/// <summary>Completion and shell integration in the real shells.</summary>
public sealed class CompletionTests : FakeServerTests
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Home.Environment["TKA_ORCHESTRATOR"] = Server.Url.ToString();
        Home.Environment["TERM"] = "dumb";
        Server.Clusters.Add(new ClusterEntry { Name = "prod", ApiEndpoint = "https://prod", Description = "The real one" });
        Server.Clusters.Add(new ClusterEntry { Name = "preview", ApiEndpoint = "https://preview" });
        Server.Sessions.Add(new SessionItem { Name = "tka-user-bob", Username = "bob@example.com", Role = "view", Since = TimeProvider.System.GetUtcNow(), Until = TimeProvider.System.GetUtcNow() });
    }

    public static TheoryData<string, string> Lines => new()
    {
        { "lo", "login logout" },
        { "login --cluster pr", "preview prod" },
        { "login --role=e", "--role=edit" },
        { "login --ro", "--role" },
        { "config output.th", "output.theme" },
        { "config output.theme d", "dark dracula" },
        { "--theme to", "tokyo-night" },
        { "status -o ", "json name table wide yaml" },
        { "sessions e", "end" },
        { "sessions end ", "tka-user-bob" },
        { "completion z", "zsh" },
        { "get clu", "cluster-info clusters" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Bash_completes(string line, string expected)
    {
        var script = $$"""
            source <(tka completion bash)
            COMP_LINE='tka {{line}}' COMP_POINT=${#COMP_LINE}
            COMP_LINE='tka {{line}}'; COMP_POINT=${#COMP_LINE}
            compopt() { :; }
            _tka
            printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
            """;

        var result = await Home.RunProgramAsync("/bin/bash", ["--norc", "-c", script]);

        // bash takes what follows = for a word of its own.
        Assert.Equal(expected.Replace("--role=", "", StringComparison.Ordinal), result.Output.Trim());
        Assert.Equal("", result.Error);
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Fish_completes(string line, string expected)
    {
        RequireShell("/usr/bin/fish");
        var script = $"tka completion fish | source; complete -C 'tka {line}' | string replace -r '\\t.*' '' | sort";

        var result = await Home.RunProgramAsync("/usr/bin/fish", ["--no-config", "-c", script]);

        Assert.Equal(expected, string.Join(' ', result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Zsh_completes()
    {
        RequireShell("/usr/bin/zsh");
        Home.Environment["TERM"] = "xterm";
        Home.Environment["ZDOTDIR"] = Home.Path;
        Home.Write(".zshrc", "autoload -Uz compinit && compinit -u -d ~/.zcompdump\nsource <(tka completion zsh)\nPS1='ready> '\nunsetopt ZLE_RPROMPT_INDENT\n");
        await using var terminal = Terminal.Start(Home, "zsh -i");
        await terminal.SeeAsync("ready> ");
        await terminal.TypeAsync("tka login --cluster pro\t");
        await terminal.SeeAsync("prod");
        await terminal.TypeAsync("\u0015tka config output.theme dr\t");
        await terminal.SeeAsync("dracula");
        await terminal.TypeAsync("\u0015tka sessions en\ttka-user\t");
        await terminal.SeeAsync("tka-user-bob");
        await terminal.TypeAsync("\u0015exit\n");
        await terminal.EndAsync();
    }

    [Fact]
    public async Task Kubectl_finds_the_plugin_and_its_completion()
    {
        var result = await Home.RunAsync("generate", "kubectl-plugin", Home.Path);
        Assert.True(result.ExitCode == 0, result.ToString());
        Home.Environment["PATH"] = $"{Home.Path}:{Home.Environment["PATH"]}";

        Assert.StartsWith("tka ", (await Home.RunProgramAsync("kubectl", ["tka", "--version"])).Output, StringComparison.Ordinal);
        Assert.Equal("prod\n:4\n", (await Home.RunProgramAsync(Home.File("kubectl_complete-tka"), ["login", "--theme", "dark", "--cluster", "pro"])).Output.Replace("\tThe real one", "", StringComparison.Ordinal));
        Assert.Contains("prod", (await Home.RunProgramAsync("kubectl", ["__complete", "tka", "login", "--cluster", "p"])).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "/bin/bash", "-c", "eval \"$(tka generate integration bash)\"; ")]
    [InlineData("zsh", "/usr/bin/zsh", "-fc", "eval \"$(tka generate integration zsh)\"; ")]
    [InlineData("fish", "/usr/bin/fish", "-c", "tka generate integration fish | source; ")]
    public async Task The_integration_sets_and_unsets_KUBECONFIG(string name, string shell, string flag, string load)
    {
        RequireShell(shell);
        var result = await Home.RunProgramAsync(shell, [flag, load + "tka login; echo \"1=$KUBECONFIG\"; tka refresh; echo \"2=$KUBECONFIG\"; tka status -o name; tka logout; echo \"3=$KUBECONFIG\""]);

        Assert.True(result.ExitCode == 0, $"{name}: {result}");
        var lines = result.Output.Split('\n');
        Assert.StartsWith($"1={Home.Path}/.local/state/tka/kubeconfigs/", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("2=/", lines[1], StringComparison.Ordinal);
        Assert.Equal("alice@example.com", lines[2]);
        Assert.Equal("3=", lines[3]);
        Assert.Contains("User:", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/bin/bash", "-c", "eval \"$(tka generate integration bash)\"; eval \"$(tka login --quiet)\"; ")]
    [InlineData("/usr/bin/zsh", "-fc", "eval \"$(tka generate integration zsh)\"; eval \"$(tka login --quiet)\"; ")]
    [InlineData("/usr/bin/fish", "-c", "tka generate integration fish | source; eval (tka login --quiet); ")]
    public async Task The_line_for_shells_without_integration_works_with_it_too(string shell, string flag, string login)
    {
        RequireShell(shell);

        var result = await Home.RunProgramAsync(shell, [flag, login + "echo \"1=$KUBECONFIG\""]);

        Assert.True(result.Output.StartsWith($"1={Home.Path}/.local/state/tka/kubeconfigs/", StringComparison.Ordinal), result.ToString());

        // A subshell that goes on is a shell like any other.
        var load = login[..(login.IndexOf(';', StringComparison.Ordinal) + 1)];
        var group = shell.EndsWith("fish", StringComparison.Ordinal) ? "begin; tka login; echo \"2=$KUBECONFIG\"; end" : "( tka login; echo \"2=$KUBECONFIG\" )";
        Assert.StartsWith("2=/", (await Home.RunProgramAsync(shell, [flag, load + group])).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "/bin/bash", "-c", "eval \"$(tka generate integration bash)\"; ", "$?")]
    [InlineData("zsh", "/usr/bin/zsh", "-fc", "eval \"$(tka generate integration zsh)\"; ", "$?")]
    [InlineData("fish", "/usr/bin/fish", "-c", "tka generate integration fish | source; ", "$status")]
    public async Task The_integration_keeps_codes_and_lets_no_eval_through(string name, string shell, string flag, string load, string status)
    {
        RequireShell(shell);
        var result = await Home.RunProgramAsync(shell, [flag, load + $"tka login --role nobody; echo code={status}; tka login --no-eval; echo \"k=$KUBECONFIG\"; tka login -o json"]);

        Assert.Contains("code=4\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("k=\n", result.Output, StringComparison.Ordinal);
        Assert.True(result.Output.Contains("\"username\": \"alice@example.com\"", StringComparison.Ordinal), name);
    }

    private static void RequireShell(string path)
    {
        if (!File.Exists(path))
        {
            Assert.Skip($"{path} is not installed (.ci/packages.txt names the package).");
        }
    }
}
