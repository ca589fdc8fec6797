using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>The images as <c>dotnet publish -t:PublishContainer</c> makes them, from what the build of the tests has compiled.</summary>
public sealed class ImageTests : IDisposable
{
    private const int LargestLayer = 25_000_000;
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-images-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Images_are_small_hold_nothing_but_the_service_and_run_as_the_charts_user()
    {
        await using var registry = await BaseImageRegistry.StartAsync(Cancel);
        var version = Text(Parse(await File.ReadAllTextAsync(Path.Combine(DeployFiles.RepositoryRoot, "deploy/charts/tka/Chart.yaml"), Cancel))[0], "appVersion")!;

        await Task.WhenAll(
            CheckAsync(registry, "TKA.Api", "linux-x64", "amd64", version, "443/tcp", "8080/tcp"),
            CheckAsync(registry, "TKA.Operator", "linux-arm64", "arm64", version, "8080/tcp", "8443/tcp"),
            CheckAsync(registry, "TKA.Orchestrator", "linux-x64", "amd64", version, "443/tcp", "8080/tcp"));

        Assert.Equal(["dotnet/aspnet:10.0-noble-chiseled"], registry.Asked);
    }

    private async Task CheckAsync(BaseImageRegistry registry, string project, string platform, string architecture, string version, params string[] ports)
    {
        var archive = Path.Combine(_directory, project + ".tar");
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        await Tool.RunAsync(
            "dotnet", "publish", project, "--no-build", "--configuration", configuration, "-maxcpucount:1", "-target:PublishContainer", $"-property:ContainerRuntimeIdentifier={platform}",
            $"-property:ImageBaseRegistry={registry.Address}", $"-property:PublishDir={_directory}/{project}/", $"-property:ContainerArchiveOutputPath={archive}");

        var blobs = await ReadAsync(archive);
        var manifest = Json(blobs, Descriptor(blobs["index.json"], "manifests", 0));
        var image = Json(blobs, manifest["config"]!);
        var config = image["config"]!;
        Assert.Equal($"tka-{project[4..].ToLowerInvariant()}:{version}", Name(blobs["index.json"]));
        Assert.Equal((architecture, "linux"), ((string?)image["architecture"], (string?)image["os"]));
        Assert.Equal("1654", (string?)config["User"]);
        Assert.Equal(["dotnet", $"/app/{project}.dll"], config["Entrypoint"]!.AsArray().Select(item => (string?)item));
        Assert.Equal(ports, config["ExposedPorts"]!.AsObject().Select(port => port.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["ASPNETCORE_HTTP_PORTS="], config["Env"]!.AsArray().Select(item => (string?)item));
        var labels = config["Labels"]!.AsObject().ToDictionary(label => label.Key, label => (string?)label.Value);
        Assert.Equal(version, labels["org.opencontainers.image.version"]);
        Assert.Equal("Apache-2.0", labels["org.opencontainers.image.licenses"]);
        Assert.Equal(project, labels["org.opencontainers.image.title"]);
        Assert.StartsWith("https://", labels["org.opencontainers.image.source"], StringComparison.Ordinal);
        Assert.DoesNotContain("org.opencontainers.image.created", labels.Keys);

        var layer = manifest["layers"]![1]!;
        Assert.InRange((long)layer["size"]!, 1_000_000, LargestLayer);
        var files = await FilesAsync(Blob(blobs, layer));
        Assert.Contains($"app/{project}.dll", files);
        Assert.Contains("app/TKA.Contracts.dll", files);
        Assert.DoesNotContain($"app/{project}", files);
        Assert.DoesNotContain(files, file => Path.GetExtension(file) is ".pdb" or ".xml" or ".config" or ".cs" or ".yaml");
        TestContext.Current.TestOutputHelper?.WriteLine($"{project} {platform}: layer of {(long)layer["size"]! / 1e6:F1} MB, {files.Count} files");
    }

    private static JsonNode Descriptor(byte[] index, string list, int position) => JsonNode.Parse(index)![list]![position]!;

    private static string? Name(byte[] index) => ((string?)Descriptor(index, "manifests", 0)["annotations"]?["io.containerd.image.name"])?.Split('/')[^1];

    private static byte[] Blob(Dictionary<string, byte[]> blobs, JsonNode descriptor) => blobs["blobs/" + ((string)descriptor["digest"]!).Replace(':', '/')];

    private static JsonNode Json(Dictionary<string, byte[]> blobs, JsonNode descriptor) => JsonNode.Parse(Blob(blobs, descriptor))!;

    private static async Task<Dictionary<string, byte[]>> ReadAsync(string archive)
    {
        Dictionary<string, byte[]> entries = [];
        await using var reader = new TarReader(File.OpenRead(archive));
        while (await reader.GetNextEntryAsync(copyData: true, Cancel) is { } entry)
        {
            if (entry.DataStream is { } data)
            {
                var content = new byte[data.Length];
                await data.ReadExactlyAsync(content, Cancel);
                entries[entry.Name] = content;
            }
        }

        return entries;
    }

    private static async Task<IReadOnlyList<string>> FilesAsync(byte[] layer)
    {
        List<string> files = [];
        await using var reader = new TarReader(new GZipStream(new MemoryStream(layer), CompressionMode.Decompress));
        while (await reader.GetNextEntryAsync(cancellationToken: Cancel) is { } entry)
        {
            if (entry.EntryType != TarEntryType.Directory)
            {
                files.Add(entry.Name);
            }
        }

        return files;
    }
}
