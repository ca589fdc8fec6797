using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Xunit;

namespace TKA.AppHost.Tests;

/// <summary>The launch files of VS Code and Rider name what exists.</summary>
public sealed class LaunchFileTests
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    [Fact]
    public void VS_Code_finds_its_tasks_projects_and_profile()
    {
        var tasks = Read("tasks.json")["tasks"]!.AsArray().ToDictionary(task => (string)task!["label"]!, task => (string)task!["args"]![1]!);
        Assert.All(tasks.Values, project => Assert.True(File.Exists(Path.Combine(Repository.Root, project)), project));

        foreach (var configuration in Read("launch.json")["configurations"]!.AsArray().Where(configuration => (string?)configuration!["request"] == "launch"))
        {
            var program = Resolve((string)configuration!["program"]!);
            var project = Path.Combine(Repository.Root, tasks[(string)configuration["preLaunchTask"]!]);
            Assert.Equal(Path.GetDirectoryName(project), Path.GetFullPath(Path.Combine(program, "..", "..", "..", "..")));
            if ((string?)configuration["launchSettingsFilePath"] is { } settings)
            {
                var profiles = JsonNode.Parse(File.ReadAllText(Resolve(settings)))!["profiles"]!.AsObject();
                Assert.True(profiles.ContainsKey((string)configuration["launchSettingsProfile"]!));
            }
        }
    }

    [Fact]
    public void Rider_finds_its_projects() => Assert.All(Directory.EnumerateFiles(Path.Combine(Repository.Root, ".run")), file =>
    {
        var path = XDocument.Load(file).Descendants("option").Single(option => (string?)option.Attribute("name") is "PROJECT_PATH" or "LAUNCH_PROFILE_PROJECT_FILE_PATH");
        Assert.True(File.Exists(((string)path.Attribute("value")!).Replace("$PROJECT_DIR$", Repository.Root, StringComparison.Ordinal)), file);
    });

    private static JsonNode Read(string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, ".vscode", file)), null, WithComments)!;

    private static string Resolve(string path) => path.Replace("${workspaceFolder}", Repository.Root, StringComparison.Ordinal);
}
