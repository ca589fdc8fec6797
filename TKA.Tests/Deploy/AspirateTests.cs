using System.Text.Json.Nodes;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary><c>deploy/aspirate</c> makes of aspirate's output what the chart installs.</summary>
public sealed class AspirateTests : IDisposable
{
    private static readonly Dictionary<string, string> Parameters = new()
    {
        ["max-period"] = "12h",
        ["cluster-name"] = "production-eu",
        ["cluster-endpoint"] = "https://k8s.test:6443",
    };

    private readonly string _deploy = Directory.CreateTempSubdirectory("tka-aspirate-").FullName;

    public void Dispose() => Directory.Delete(_deploy, recursive: true);

    [Fact]
    public async Task The_output_of_aspirate_becomes_what_the_chart_installs()
    {
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(DeployFiles.RepositoryRoot, "aspire-manifest.json"), TestContext.Current.CancellationToken))!;
        CopyDeploy();
        var output = new AspirateOutput(manifest, Parameters);
        Assert.Equal(Parameters.Keys.Order(), output.Parameters.Order());
        output.Write(Path.Combine(_deploy, "aspirate", "output"), "r.test/tka", "1.2.3");

        var actual = Manifests.Canonical(await Tool.RunAsync("kubectl", "kustomize", Path.Combine(_deploy, "aspirate")));

        // The overlay `standard` without monitoring. Admission of the base allows 24 h; a shorter period is held by API and operator.
        var chart = await Rendering.ChartAsync(
            "standard",
            "--set", "monitoring.enabled=false",
            "--set", "images.registry=r.test/tka",
            "--set", "cluster.name=production-eu",
            "--set", "images.tag=1.2.3");
        var expected = Manifests.Canonical(chart.Replace("Api__MaxPeriod, value: \"24h\"", "Api__MaxPeriod, value: \"12h\"", StringComparison.Ordinal)
            .Replace("Operator__MaxPeriod, value: \"24h\"", "Operator__MaxPeriod, value: \"12h\"", StringComparison.Ordinal));
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, pair => Assert.Equal(pair.Value, actual[pair.Key]));
    }

    private void CopyDeploy()
    {
        var source = Path.Combine(DeployFiles.RepositoryRoot, "deploy");
        foreach (var file in new[] { "base", "crd", "components", "aspirate" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(source, folder), "*", SearchOption.AllDirectories)))
        {
            var path = Path.Combine(_deploy, Path.GetRelativePath(source, file));
            if (!path.StartsWith(Path.Combine(_deploy, "aspirate", "output"), StringComparison.Ordinal))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Copy(file, path);
            }
        }
    }
}
