using System.CommandLine;
using TKA.Cli.Commands;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Help as it reads, held by approved texts.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Commands => ["", "login", "logout", "shell", "exec", "status", "use", "sessions", "config", "generate"];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Reads_as_approved(string name)
    {
        var root = TkaCommandLine.BuildRoot();

        var help = name is "" ? HelpText.Of(root, [], 80) : HelpText.Of(root.Subcommands.Single(command => command.Name == name), ["tka"], 80);

        ApprovedText.Match(help, $"help-{(name is "" ? "tka" : name)}", "TKA.Tests/Cli");
    }

    [Fact]
    public void No_line_is_wider_than_asked_for_but_for_words_and_examples_that_must_stay_whole()
    {
        var root = TkaCommandLine.BuildRoot();
        foreach (var command in All(root))
        {
            var lines = HelpText.Of(command, command is RootCommand ? [] : ["tka"], 60).Split("\nExamples:")[0].Split('\n');
            Assert.All(lines, line => Assert.True(line.Length <= 60 || !line.Trim().Contains(' ', StringComparison.Ordinal) || line.StartsWith("  tka", StringComparison.Ordinal) || line.StartsWith("  -", StringComparison.Ordinal), line));
        }
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
