using System.Text;
using TKA.Contracts.Selectors;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>Label selectors of <c>tka clusters</c> pick what stock kubectl picks among the same labels.</summary>
public sealed class SelectorTests(DevStack stack)
{
    private static readonly Dictionary<string, Dictionary<string, string>> Clusters = new()
    {
        ["prod-eu"] = new() { ["env"] = "prod", ["region"] = "eu", ["nodes"] = "12" },
        ["prod-us"] = new() { ["env"] = "prod", ["region"] = "us", ["example.com/owner"] = "team-a" },
        ["dev"] = new() { ["env"] = "dev", ["region"] = "eu", ["empty"] = "", ["nodes"] = "3" },
        ["bare"] = [],
    };

    private static readonly string[] Selectors =
    [
        "env=prod", "env==prod,region=eu", "env!=prod", "env in (prod,dev)", "env notin (prod)", "env", "!env", "nodes>3", "nodes<12", "empty=", "empty in (,x)",
        "example.com/owner=team-a", "env in (prod), region notin (us) , nodes", "a b", "env in prod", "=prod", "env=prod,", "nodes>x", "env in ()", ",",
    ];

    [Fact]
    public async Task The_same_clusters_are_picked_and_the_same_texts_refused()
    {
        await stack.StartedAsync();
        var manifest = new StringBuilder();
        foreach (var (name, labels) in Clusters)
        {
            var lines = string.Concat(labels.Append(new("selector-test", "yes")).Select(label => $"    {label.Key}: \"{label.Value}\"\n"));
            manifest.Append($"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: default\n  labels:\n{lines}---\n");
        }

        var file = Path.Combine(Path.GetTempPath(), $"tka-selectors-{Environment.ProcessId}.yaml");
        await File.WriteAllTextAsync(file, manifest.ToString(), TestContext.Current.CancellationToken);
        try
        {
            var applied = await stack.AdminAsync("apply", "-f", file);
            Assert.True(applied.ExitCode == 0, applied.Error);
            var answers = await Task.WhenAll(Selectors.Select(async selector =>
            {
                var (exitCode, output, _) = await stack.AdminAsync("get", "configmaps", "-n", "default", "-l", selector, "-o", "name");
                return (selector, exitCode == 0 ? string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["configmap/".Length..]).Where(Clusters.ContainsKey).Order()) : "refused");
            }));

            Assert.Equal(answers.Select(answer => $"{answer.selector}: {answer.Item2}"), Selectors.Select(selector => $"{selector}: {Pick(selector)}"));
        }
        finally
        {
            await stack.AdminAsync("delete", "-f", file, "--wait=false");
            File.Delete(file);
        }
    }

    private static string Pick(string selector)
    {
        try
        {
            var parsed = LabelSelector.Parse(selector);
            return string.Join(' ', Clusters.Where(cluster => parsed.Matches(cluster.Value)).Select(cluster => cluster.Key).Order());
        }
        catch (FormatException)
        {
            return "refused";
        }
    }
}
