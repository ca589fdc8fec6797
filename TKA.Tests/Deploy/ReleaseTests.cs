using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TKA.Tests.Infrastructure;
using Xunit;
using YamlDotNet.RepresentationModel;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>
/// The release workflow: what it is allowed to do, and what its scripts do when they are run here, against a registry of the test's own. What
/// only GitHub and Sigstore have (their registry, signatures, the release) are stand-ins that note what they were asked for.
/// </summary>
public sealed partial class ReleaseTests : IDisposable
{
    private const string Version = "9.8.7";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tka-release-");

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
    public async Task The_scripts_publish_images_and_chart_and_sign_what_was_pushed()
    {
        Assert.SkipWhen(Tool.Find("helm") is null || Tool.Find("curl") is null, "helm or curl is not installed");
        await using var registry = await BaseImageRegistry.StartAsync(TestContext.Current.CancellationToken);
        WriteStandIns(registry.Address);

        var pushed = await RunAsync("images-and-chart", registry.Address);

        string[] images = ["api", "operator", "orchestrator"];
        foreach (var image in images)
        {
            var digest = registry.Pushed[$"our-organisation/tka/tka-{image}:{Version}"];
            Assert.Contains($"cosign sign --yes --recursive {registry.Address}/our-organisation/tka/tka-{image}@{digest}", pushed);
            Assert.Equal(2, JsonNode.Parse(registry.Content(digest))!["layers"]!.AsArray().Count);
        }

        var chart = registry.Pushed[$"our-organisation/tka/charts/tka:{Version}"];
        Assert.Contains($"cosign sign --yes {registry.Address}/our-organisation/tka/charts/tka@{chart}", pushed);
        var values = await Tool.RunAsync("helm", "show", "chart", Path.Combine(_directory.FullName, $"tka-{Version}.tgz"));
        Assert.Contains($"appVersion: {Version}", values, StringComparison.Ordinal);

        await RunAsync("cli", registry.Address);
        var files = _directory.CreateSubdirectory("files").FullName;
        foreach (var file in _directory.EnumerateFiles("tka-*"))
        {
            file.CopyTo(Path.Combine(files, file.Name));
        }

        var released = await RunAsync("publish", registry.Address);

        Assert.Contains("cosign sign-blob --yes --bundle checksums.txt.sigstore.json checksums.txt", released);
        Assert.Contains(released, line => line.StartsWith($"gh release create v{Version} --repo Our-Organisation/tka --verify-tag --generate-notes files/checksums.txt", StringComparison.Ordinal));
        var checksums = await File.ReadAllLinesAsync(Path.Combine(files, "checksums.txt"), TestContext.Current.CancellationToken);
        Assert.Equal([$"tka-{Version}.tgz", "tka-linux-x64.tar.gz"], checksums.Select(line => line.Split("  ")[1]).Order(StringComparer.Ordinal));
        await Tool.RunAsync("bash", "-c", $"cd '{files}' && sha256sum --check --strict checksums.txt && tar -tzf tka-linux-x64.tar.gz | sort | paste -sd, | grep -x LICENSE,tka");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>Runs the scripts of a job one after the other, as GitHub does; gives what the stand-ins noted.</summary>
    private async Task<string[]> RunAsync(string job, string registry)
    {
        var notes = Path.Combine(_directory.FullName, "notes");
        await File.WriteAllTextAsync(notes, "");
        var environment = Path.Combine(_directory.FullName, "github-env");
        await File.WriteAllTextAsync(environment, "");
        var steps = Nodes(Find(Workflow, "jobs", job)!, "steps").Where(step => Text(step, "run") is not null)
            .Select(step => $"(\nset -eo pipefail\ncd '{Path.Combine(_directory.FullName, Text(step, "working-directory") ?? "")}'\n{Text(step, "run")!.Replace("ghcr.io", registry, StringComparison.Ordinal)}\n)\n. '{environment}'\n");
        await Tool.RunAsync(
            "env", "-C", _directory.FullName, $"PATH={_directory.FullName}/bin:{Environment.GetEnvironmentVariable("PATH")}", $"NOTES={notes}", $"GITHUB_ENV={environment}",
            $"GITHUB_REF_NAME=v{Version}", "GITHUB_REPOSITORY=Our-Organisation/tka", "GITHUB_ACTOR=somebody", "TOKEN=t", "RUNNER_OS=Linux", "RID=linux-x64",
            "bash", "-eo", "pipefail", "-c", "set -a\n" + string.Concat(steps));
        return await File.ReadAllLinesAsync(notes);
    }

    private void WriteStandIns(string registry)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var root = DeployFiles.RepositoryRoot;
        Directory.CreateSymbolicLink(Path.Combine(_directory.FullName, "deploy"), Path.Combine(root, "deploy"));
        File.CreateSymbolicLink(Path.Combine(_directory.FullName, "LICENSE"), Path.Combine(root, "LICENSE"));
        const string Note = "echo \"${0##*/} $*\" >> \"$NOTES\"\n";
        Write("cosign", Note);
        Write("gh", Note);

        // docker logs in, and tells the digest of what was pushed.
        Write("docker", $$"""
            [ "$1" != login ] || exec cat > /dev/null
            name=${4%:*}
            curl -sSfI "http://${name%%/*}/v2/${name#*/}/manifests/${4##*:}" | tr -d '\r' | sed -n 's/^Docker-Content-Digest: //p'
            """);
        Write("helm", $$"""
            [ "$1" != registry ] || exec cat > /dev/null
            [ "$1" != push ] || set -- push --plain-http "${@:2}"
            exec {{Tool.Find("helm")}} "$@"
            """);

        // Of what the build of the tests has compiled, which is restored for no platform, and so one image; the CLI's binary takes two minutes.
        Write("dotnet", $$"""
            if [ "$2" = TKA.Cli ]; then mkdir out; echo binary > out/tka; exit; fi
            exec {{Tool.Find("dotnet")}} "$1" "{{root}}/$2" --no-build --configuration {{configuration}} -maxcpucount:1 -property:ContainerRuntimeIdentifier=linux-x64 \
              -property:ImageBaseRegistry={{registry}} "-property:PublishDir={{_directory.FullName}}/published/$2/" "${@:3}"
            """);

        void Write(string name, string script)
        {
            var path = Path.Combine(_directory.CreateSubdirectory("bin").FullName, name);
            File.WriteAllText(path, "#!/usr/bin/env bash\n" + script);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
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

    /// <summary>MSBuild takes each environment variable for a property, whatever its case.</summary>
    [Fact]
    public void No_variable_of_a_step_is_a_property_of_MSBuild() => Assert.DoesNotContain(
        Walk(Workflow).Where(found => found is { Key: "env", Node: YamlMappingNode }).SelectMany(found => ((YamlMappingNode)found.Node).Children.Keys).Select(key => key.ToString().ToUpperInvariant()),
        name => name is "PLATFORM" or "CONFIGURATION" or "TARGET" or "OUTPUTPATH" or "RUNTIMEIDENTIFIER");

    [GeneratedRegex("^[a-z-]+/[a-z-]+@[0-9a-f]{40}$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"\b(TKA\.\w+|deploy/[\w/]+)\b")]
    private static partial Regex Named();
}
