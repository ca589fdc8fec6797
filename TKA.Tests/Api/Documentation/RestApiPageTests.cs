using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TKA.Tailscale.Authentication;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Documentation;

/// <summary>docs/rest-api.md names every operation, status, kind of problem and metric there is.</summary>
public partial class RestApiPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(DocumentationFiles.Root, "docs", "rest-api.md"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_and_its_statuses_are_on_the_page()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Operator = false });
        using var http = new HttpClient { BaseAddress = stack.ApiUri };
        var document = JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json", Cancel))!;
        OpenApiDocument.MatchApproved(document, "openapi-api", "TKA.Tests/Api/Documentation");
        Assert.StartsWith("3.1.", document["openapi"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("openapi: '3.1.", await http.GetStringAsync("/openapi/v1.yaml", Cancel), StringComparison.Ordinal);
        using var yaml = await http.GetAsync("/openapi/v1.yaml", Cancel);
        Assert.Equal("application/yaml", yaml.Content.Headers.ContentType?.ToString());
        var page = await http.GetStringAsync("/scalar/", Cancel);
        Assert.Contains("<html", page, StringComparison.OrdinalIgnoreCase);
        Assert.Matches("\"hideClientButton\":\\s*true", page);

        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                var row = Page.Split('\n').SingleOrDefault(line => line.StartsWith($"| `{method.ToUpperInvariant()} {path}`", StringComparison.Ordinal));
                Assert.True(row is not null, $"{method} {path} is not on the page");
                Assert.NotEmpty(operation!["summary"]!.ToString());
                Assert.NotEmpty(operation["operationId"]!.ToString());
                Assert.NotEmpty(operation["tags"]!.AsArray());
                foreach (var (status, _) in operation["responses"]!.AsObject())
                {
                    // Statuses about who is calling are in a table of their own.
                    Assert.True(
                        row.Contains(status, StringComparison.Ordinal) || status is "400" or "403" or "421" or "422" or "429" or "503",
                        $"{method} {path}: {status} is not in its row");
                }
            }
        }
    }

    [Fact]
    public void Every_kind_of_problem_is_on_the_page()
    {
        var sources = Directory.GetFiles(Path.Combine(DocumentationFiles.Root, "TKA.Api", "Problems"), "*.cs").Select(File.ReadAllText);
        var kinds = sources.SelectMany(source => Kinds().Matches(source)).Select(match => match.Groups[1].Value)
            .Concat(Enum.GetValues<TailscaleRefusalReason>().Select(TailscaleRefusals.Code))
            .Distinct()
            .ToArray();

        Assert.True(kinds.Length > 25);
        Assert.All(kinds, kind => Assert.Contains($"`{kind}`", Page, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(?:StatusCodes\.\w+|new\(status), ""([a-z][a-z-]+[a-z])""")]
    private static partial Regex Kinds();
}
