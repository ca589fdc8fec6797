using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>The alerts and the dashboard of the chart.</summary>
public sealed partial class AlertTests
{
    private static readonly string Files = Path.Combine(DeployFiles.RepositoryRoot, "deploy", "charts", "tka", "files");
    private static readonly string Tests = Path.Combine(DeployFiles.RepositoryRoot, "TKA.Tests", "Deploy", "Alerts", "alerts.test.yaml");

    [Fact]
    public async Task Alerts_fire_when_they_should_and_are_quiet_otherwise()
    {
        var directory = Directory.CreateTempSubdirectory("tka-alerts-");
        try
        {
            File.Copy(Path.Combine(Files, "alerts.yaml"), Path.Combine(directory.FullName, "alerts.yaml"));
            var test = Path.Combine(directory.FullName, "alerts.test.yaml");
            File.Copy(Tests, test);
            await Tool.RunAsync("promtool", "test", "rules", test);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_alert_has_both_cases()
    {
        var cases = Parse(File.ReadAllText(Tests)).SelectMany(root => Nodes(root, "tests")).Select(test => Text(test, "name")!).ToArray();
        Assert.Equal(Alerts().SelectMany(alert => new[] { $"{alert} fires", $"{alert} is quiet" }).Order(StringComparer.Ordinal), cases.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_alert_links_to_a_runbook_that_exists()
    {
        var guide = File.ReadAllLines(Path.Combine(DeployFiles.RepositoryRoot, "docs", "operator-guide.md"))
            .Where(line => line.StartsWith("### ", StringComparison.Ordinal))
            .Select(line => line[4..].ToLowerInvariant().Replace(' ', '-'))
            .ToHashSet();
        var rules = Parse(await Rendering.ChartAsync("standard", "--set", "monitoring.runbooks=https://wiki.test/tka"))
            .Where(node => Text(node, "kind") == "PrometheusRule")
            .SelectMany(node => Nodes(node, "spec", "groups"))
            .SelectMany(group => Nodes(group, "rules"))
            .Select(rule => Text(rule, "annotations", "runbook_url")!)
            .ToArray();
        Assert.Equal(Alerts().Length, rules.Length);
        Assert.All(rules, url =>
        {
            Assert.StartsWith("https://wiki.test/tka#", url, StringComparison.Ordinal);
            Assert.Contains(url.Split('#')[1], guide);
        });
    }

    [Theory]
    [InlineData("alerts.yaml")]
    [InlineData("dashboard.json")]
    public void Every_query_names_metrics_that_some_service_has(string file)
    {
        var sources = Directory.EnumerateDirectories(DeployFiles.RepositoryRoot, "TKA.*")
            .Where(project => !project.EndsWith("Tests", StringComparison.Ordinal))
            .SelectMany(project => Directory.EnumerateFiles(project, "*Metrics.cs", SearchOption.AllDirectories))
            .Select(File.ReadAllText)
            .ToArray();
        var text = File.ReadAllText(Path.Combine(Files, file));
        var queries = file == "dashboard.json" ? Queries(text) : Alerts("expr");
        Assert.NotEmpty(queries);
        foreach (var name in queries.SelectMany(query => MetricName().Matches(query)).Select(match => match.Value).Distinct())
        {
            // OpenTelemetry's dots become underscores, and the unit is appended.
            string[] spellings = [name, name.Replace('_', '.'), name.Replace("_seconds", "", StringComparison.Ordinal).Replace('_', '.')];
            Assert.True(sources.Any(source => spellings.Any(spelling => source.Contains($"\"{spelling}\"", StringComparison.Ordinal))), name);
        }
    }

    private static string[] Alerts(string field = "alert") => [.. Parse(File.ReadAllText(Path.Combine(Files, "alerts.yaml")))
        .SelectMany(root => Nodes(root, "groups"))
        .SelectMany(group => Nodes(group, "rules"))
        .Select(rule => Text(rule, field)!)];

    private static string[] Queries(string dashboard) => [.. JsonNode.Parse(dashboard)!["panels"]!.AsArray()
        .SelectMany(panel => panel!["targets"]!.AsArray())
        .Select(target => target!["expr"]!.GetValue<string>())];

    [GeneratedRegex("(tka|rest_client)_[a-z_]+?(?=_bucket|[^a-z_]|$)")]
    private static partial Regex MetricName();
}
