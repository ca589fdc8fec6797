using TKA.Cli.Commands;
using TKA.Cli.Documentation;
using Xunit;

namespace TKA.Tests.Cli;

public sealed class DocumentationTests
{
    [Fact]
    public void The_command_line_reference_is_current() =>
        Assert.True(
            File.ReadAllText(Path.Combine(CliBinary.RepositoryRoot, "docs", "cli.md")) == MarkdownReference.Write(TkaCommandLine.BuildRoot()),
            "docs/cli.md is out of date. Write it anew: dotnet run --project TKA.Cli -- generate documentation docs/cli.md");

    [Fact]
    public async Task The_binary_writes_the_same()
    {
        using var home = new CliHome();
        Assert.Equal(MarkdownReference.Write(TkaCommandLine.BuildRoot()), (await home.RunAsync("generate", "documentation", "-")).Output);

        var result = await home.RunAsync("generate", "documentation", home.File("cli.md"));
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(MarkdownReference.Write(TkaCommandLine.BuildRoot()), File.ReadAllText(home.File("cli.md")));
    }
}
