using Xunit;

namespace TKA.AppHost.Tests;

/// <summary>What <c>aspire publish</c> writes: the files of <c>deploy/</c> with images and parameters filled in.</summary>
public sealed class PublishTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-publish-").FullName;
    private readonly string _output;

    public PublishTests() => _output = Directory.CreateDirectory(Path.Combine(_directory, "output")).FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_files_carry_images_and_parameters()
    {
        var (code, output) = await PublishAsync(
            "--Parameters:cluster-endpoint=https://k8s.test:6443", "--Parameters:cluster-name=production-eu", "--Parameters:cluster-ca=Y2E=", "--Parameters:max-period=12h",
            "--Parameters:image-registry=r.test/tka", "--Parameters:image-tag=1.2.3", "--Parameters:tailnet-hostname=access", "--Parameters:overlay=ha", "--Parameters:tailnet-name=example.ts.net");
        Assert.True(code == 0, output);

        var chart = await RenderAsync("helm", "template", "tka", Path.Combine(_output, "helm", "tka"), "--namespace", "tka-system", "--values", Path.Combine(_output, "helm", "values.yaml"));
        var kustomize = await RenderAsync("kubectl", "kustomize", Path.Combine(_output, "kustomize", "overlays", "ha"));
        foreach (var rendered in new[] { chart, kustomize })
        {
            foreach (var image in new[] { "api", "operator", "orchestrator" })
            {
                Assert.Contains($"image: r.test/tka/tka-{image}:1.2.3", rendered.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
            }

            foreach (var value in new[] { "production-eu", "https://k8s.test:6443", "Y2E=", "access", "12h", "tka.example.ts.net" })
            {
                Assert.Contains(value, rendered, StringComparison.Ordinal);
            }

            Assert.DoesNotContain("24h", rendered, StringComparison.Ordinal);
            Assert.DoesNotContain("REGISTRY", rendered, StringComparison.Ordinal);
            Assert.DoesNotContain("TAILNET", rendered, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_parameter_without_a_value_is_named_in_one_line()
    {
        var (code, output) = await PublishAsync("--Parameters:overlay=ha", "--Parameters:cluster-endpoint=http://k8s.test");
        Assert.Equal(1, code);
        var line = Assert.Single(output.Split('\n'), line => line.Contains("error:", StringComparison.Ordinal));
        Assert.Contains("cluster-endpoint (an https URL), image-registry (a registry), tailnet-name", line, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_output));
    }

    /// <summary>With a home of its own: Aspire remembers values there.</summary>
    private Task<(int ExitCode, string Output)> PublishAsync(params string[] parameters) => Commands.RunAsync(
        "dotnet",
        [Repository.Assembly("TKA.AppHost"), "--operation", "publish", "--step", "publish", "--output-path", _output, .. parameters],
        [new("HOME", _directory)]);

    private static async Task<string> RenderAsync(string tool, params string[] arguments)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Append(Path.Combine(Repository.Root, "artifacts", "ci-tools", "bin"))
            .Select(directory => Path.Combine(directory, tool))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{tool} is not installed");
        var (code, output) = await Commands.RunAsync(path!, arguments, []);
        Assert.True(code == 0, output);
        return output;
    }
}
