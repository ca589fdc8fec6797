using System.CommandLine;
using TKA.Cli.Commands;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>An empty value is refused, for every option and argument of every command: it is a variable that is not set.</summary>
public sealed class EmptyValueTests : FakeServerTests
{
    [Fact]
    public void Every_option_and_argument_of_the_tree_with_every_way_to_write_nothing()
    {
        var root = TkaCommandLine.BuildRoot();
        var seen = 0;
        foreach (var (path, command) in Commands(root, []))
        {
            foreach (var option in command.Options.Concat(root.Options).Where(option => option.Name is not "--help" and not "--version"))
            {
                foreach (var name in option.Aliases.Prepend(option.Name))
                {
                    if (command.Options.Concat(root.Options).First(candidate => candidate.Name == name || candidate.Aliases.Contains(name)) != option)
                    {
                        // A command's own letter goes before that of all commands.
                        continue;
                    }

                    Assert.Equal(option.Name, EmptyValues.Find(root, [.. path, $"{name}="]));
                    Assert.Equal(option.Name, EmptyValues.Find(root, [.. path, $"{name}=", "--quiet", "word"]));
                    if (option.ValueType != typeof(bool))
                    {
                        Assert.Equal(option.Name, EmptyValues.Find(root, [.. path, name, ""]));
                        Assert.Equal(option.Name, EmptyValues.Find(root, [.. path, name, "", "--quiet"]));
                        Assert.Null(EmptyValues.Find(root, [.. path, name, "value"]));
                    }

                    seen++;
                }
            }

            foreach (var argument in command.Arguments.Where(argument => argument.Arity.MaximumNumberOfValues == 1 && argument.Name != "value").Take(1))
            {
                Assert.Equal(argument.Name, EmptyValues.Find(root, [.. path, ""]));
                seen++;
            }
        }

        Assert.True(seen > 500, $"{seen}");
    }

    [Theory]
    [InlineData("login --namespace= --merge", "--namespace")]
    [InlineData("login --merge --context-name= --use", "--context-name")]
    [InlineData("login --role= --merge", "--role")]
    [InlineData("login --role EMPTY", "--role")]
    [InlineData("--server= status", "--server")]
    [InlineData("status --server=", "--server")]
    [InlineData("status -s EMPTY", "--server")]
    [InlineData("-o= login", "--output")]
    [InlineData("login --merge=", "--merge")]
    [InlineData("credential --server URL --role EMPTY", "--role")]
    [InlineData("exec --role= true", "--role")]
    [InlineData("sessions end EMPTY", "name")]
    [InlineData("use EMPTY", "role")]
    [InlineData("config EMPTY x --force", "key")]
    [InlineData("EMPTY login", "the command")]
    public async Task Nothing_is_done_and_the_flag_is_named(string line, string name)
    {
        var result = await Home.RunAsync([.. line.Split(' ').Select(word => word == "EMPTY" ? "" : word.Replace("URL", Server.Url.ToString(), StringComparison.Ordinal))]);

        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.StartsWith($"Error: The value of {name} is empty.", result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
        Assert.Empty(Server.Requests);
        Assert.False(Directory.Exists(Home.File(".kube")));
    }

    [Fact]
    public async Task An_empty_argument_of_another_program_is_its_own()
    {
        Assert.Equal("<>|<-x=>\n", (await Home.RunAsync("exec", "printf", "<%s>|<%s>\\n", "", "-x=")).Output);
        Assert.Equal(0, (await Home.RunAsync("config", "tailscale.tailnet", "", "--force")).ExitCode);
    }

    [Fact]
    public async Task A_flag_before_its_command_is_told_where_it_belongs()
    {
        var result = await Home.RunAsync("--cluster", "dev", "login");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--cluster stands after the command: tka login --cluster dev\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_period_that_is_too_short_says_what_the_shortest_is()
    {
        var result = await Home.RunAsync("login", "--period", "5m");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("The shortest is 10m", result.Error, StringComparison.Ordinal);
        Assert.Empty(Server.Requests);
    }

    private static IEnumerable<(string[] Path, Command Command)> Commands(Command command, string[] path)
    {
        yield return (path, command);
        foreach (var child in command.Subcommands)
        {
            foreach (var found in Commands(child, [.. path, child.Name]))
            {
                yield return found;
            }
        }
    }
}
