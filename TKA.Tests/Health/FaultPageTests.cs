using TKA.Tests.Api.Documentation;
using Xunit;

namespace TKA.Tests.Health;

/// <summary>The tables in docs/operator-reference.md are the rows that the tests here inject. With <c>TKA_UPDATE_DOCS=1</c> they are written anew.</summary>
public sealed class FaultPageTests
{
    private static readonly string Page = Path.Combine(DocumentationFiles.Root, "docs", "operator-reference.md");

    [Fact]
    public void The_page_lists_the_faults_that_are_tested()
    {
        var page = File.ReadAllText(Page);
        var expected = Replace(page, "operator", OperatorFaults.All.Select(fault => fault.Row));
        expected = Replace(expected, "API", ApiFaults.All.Select(fault => fault.Row));
        expected = Replace(expected, "orchestrator", OrchestratorFaults.All.Select(fault => fault.Row));
        if (Environment.GetEnvironmentVariable("TKA_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Page, expected);
        }

        Assert.Equal(expected, File.ReadAllText(Page));
    }

    private static string Replace(string page, string component, IEnumerable<FaultRow> rows)
    {
        var begin = $"<!-- faults of the {component}: generated, run the tests with TKA_UPDATE_DOCS=1 -->\n";
        var from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = page.IndexOf($"<!-- /faults of the {component} -->", StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"the {component} has no place on the page");
        string[] lines = ["| Fault | `/readyz` | Check | Metrics over 0 | Log |", "|---|---|---|---|---|", .. rows.Select(row => row.ToMarkdown()), ""];
        return page[..from] + string.Join('\n', lines) + page[to..];
    }
}
