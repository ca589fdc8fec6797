using System.Text;
using TKA.Contracts.Selectors;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>
/// Label selectors of <c>tka clusters</c> pick what stock kubectl picks among the same labels. The judge is kubectl's own code: of a file it
/// creates the objects that <c>-l</c> selects, without asking the cluster, whose selectors are ours.
/// </summary>
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
        " env = prod ", "env in(prod)", "env notin (prod,)", "!env=prod", "! env", "nodes>=3", "nodes>-4", "nodes>03", "env=prod,,nodes", "env==", "env=in", "in in (in)", "in", "a//b", "-a", "env=-b",
        "EXAMPLE.com/owner", "example.com/", "env='prod'", "env in (prod", "env in ((prod))", "env\t=\tprod", "ä", "env=prod;dev", "nodes > 3 , env", "nodes>9223372036854775808", "env notin ()",
    ];

    [Fact]
    public async Task The_same_clusters_are_picked_and_the_same_texts_refused()
    {
        await stack.StartedAsync();
        var manifest = new StringBuilder();
        foreach (var (name, labels) in Clusters)
        {
            var lines = string.Concat(labels.Select(label => $"    {label.Key}: \"{label.Value}\"\n"));
            manifest.Append($"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: default\n  labels:\n{lines}---\n");
        }

        var file = Path.Combine(Path.GetTempPath(), $"tka-selectors-{Environment.ProcessId}.yaml");
        await File.WriteAllTextAsync(file, manifest.ToString(), TestContext.Current.CancellationToken);
        var answers = new string[Selectors.Length];
        await Parallel.ForAsync(0, Selectors.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
        {
            var (exitCode, output, error) = await stack.AdminAsync("create", "-f", file, "-l", Selectors[i], "--dry-run=client", "--validate=false", "-o", "name");
            answers[i] = exitCode == 0 ? string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["configmap/".Length..]).Order())
                : error.Contains("no objects passed to create", StringComparison.Ordinal) ? ""
                : "refused";
        });

        File.Delete(file);
        Assert.Equal(Selectors.Zip(answers, (selector, answer) => $"{selector}: {answer}"), Selectors.Select(selector => $"{selector}: {Pick(selector)}"));
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
