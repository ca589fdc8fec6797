using System.Text.RegularExpressions;
using TKA.Tests.Infrastructure;
using Xunit;
using YamlDotNet.RepresentationModel;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>The release workflow, which cannot run here: what it is allowed to do, what it runs, and that nothing it names is missing.</summary>
public sealed partial class ReleaseTests
{
    private static readonly YamlNode Workflow = Parse(File.ReadAllText(Path.Combine(DeployFiles.RepositoryRoot, ".github/workflows/release.yml")))[0];

    [Fact]
    public void Actions_are_pinned_to_a_commit()
    {
        var used = Walk(Workflow).Where(found => found.Key == "uses").Select(found => found.Node.ToString()).ToArray();
        Assert.NotEmpty(used);
        Assert.All(used, action => Assert.Matches(Pinned(), action));
    }

    [Fact]
    public void A_job_has_the_rights_that_it_needs_and_nothing_is_released_untested()
    {
        Assert.Empty(((YamlMappingNode)Find(Workflow, "permissions")!).Children);
        var jobs = ((YamlMappingNode)Find(Workflow, "jobs")!).Children.ToDictionary(job => job.Key.ToString(), job => job.Value);
        Assert.Equal(["contents: write", "id-token: write"], Granted(jobs["publish"]));
        Assert.Equal(["contents: read", "id-token: write", "packages: write"], Granted(jobs["images-and-chart"]));
        Assert.Equal(["contents: read"], Granted(jobs["cli"]));
        Assert.Equal("test", Text(jobs["images-and-chart"], "needs"));
        Assert.Equal("test", Text(jobs["cli"], "needs"));
        Assert.Equal(["images-and-chart", "cli"], Items(jobs["publish"], "needs"));
    }

    [Fact]
    public async Task Every_script_is_valid_and_names_only_what_exists()
    {
        foreach (var script in Walk(Workflow).Where(found => found is { Key: "run", Node: YamlScalarNode }).Select(found => found.Node.ToString()))
        {
            await Tool.RunAsync("bash", "-n", "-c", script);
            Assert.All(Named().Matches(script), match => Assert.True(Path.Exists(Path.Combine(DeployFiles.RepositoryRoot, match.Value)), match.Value));
        }
    }

    private static IEnumerable<string> Granted(YamlNode job) =>
        ((YamlMappingNode)Find(job, "permissions")!).Children.Select(pair => $"{pair.Key}: {pair.Value}").Order(StringComparer.Ordinal);

    [GeneratedRegex("^[a-z-]+/[a-z-]+@[0-9a-f]{40}$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"\b(TKA\.\w+|deploy/[\w/]+)\b")]
    private static partial Regex Named();
}
